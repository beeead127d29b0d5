package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DnsBookTest {

  private static final String NAME = "nodes.warehouse.test";
  private static final int PORT = 7_800;

  private FakeNameServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FakeNameServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private AddressBook book(String record) {
    return book(record, List.of(server.place()));
  }

  private static AddressBook book(String record, List<String> servers) {
    return new DnsBook(new Discovery.Dns(NAME, record, servers), new NameServers(servers), PORT, 2);
  }

  private static InetSocketAddress at(String host, int port) {
    return new InetSocketAddress(host, port);
  }

  @Test
  void addressesStandForThePortsOfTheNodesOwnRange() throws IOException {
    server.say(NAME, "A", "10.1.0.1", "10.1.0.2");
    server.say(NAME, "AAAA", "fd00::7");

    assertThat(book("A").read())
        .containsExactlyInAnyOrder(
            at("10.1.0.1", PORT),
            at("10.1.0.1", PORT + 1),
            at("10.1.0.2", PORT),
            at("10.1.0.2", PORT + 1));
    assertThat(book("AAAA").read())
        .containsExactlyInAnyOrder(at("fd00::7", PORT), at("fd00::7", PORT + 1));
  }

  @Test
  void serviceRecordsNameHostsOfBothKindsAndTheirPorts() throws IOException {
    server.say(
        NAME,
        "SRV",
        "0 50 7801 one.warehouse.test",
        "0 50 7802 two.warehouse.test",
        "0 0 9 gone.x");
    server.say("one.warehouse.test", "A", "10.1.0.1");
    server.say("two.warehouse.test", "A", "10.1.0.2");
    server.say("two.warehouse.test", "AAAA", "fd00::2");

    assertThat(book("SRV").read())
        .containsExactlyInAnyOrder(at("10.1.0.1", 7801), at("10.1.0.2", 7802), at("fd00::2", 7802));
  }

  @Test
  void serviceRecordWithoutPortStandsForTheNodesOwnRange() throws IOException {
    server.say(NAME, "SRV", "0 50 0 one.warehouse.test");
    server.say("one.warehouse.test", "A", "10.1.0.1");

    assertThat(book("SRV").read()).containsExactly(at("10.1.0.1", PORT), at("10.1.0.1", PORT + 1));
  }

  @Test
  void answersAreAskedForAnewAtEveryReading() throws IOException {
    AddressBook book = book("A");
    assertThat(book.read()).as("no such name").isEmpty();

    server.say(NAME, "A", "10.1.0.1");
    assertThat(book.read()).contains(at("10.1.0.1", PORT)).hasSize(2);

    server.say(NAME, "A", "10.1.0.9");
    assertThat(book.read()).contains(at("10.1.0.9", PORT)).hasSize(2);

    server.forget(NAME);
    server.say(NAME, "AAAA", "fd00::7");
    assertThat(book.read()).as("a name without such records").isEmpty();
    assertThat(book.complete()).isFalse();
  }

  @Test
  void serverThatIsSilentOrFailsIsAFailureThatSaysSoInTime() {
    AddressBook book = book("A");
    for (FakeNameServer.Mood mood :
        List.of(FakeNameServer.Mood.SILENT, FakeNameServer.Mood.FAILING)) {
      server.feel(mood);
      assertThatThrownBy(book::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(NAME)
          .hasMessageContaining("no name server answers");
    }
    assertThat(server.questions()).as("attempts").isBetween(3, 8);
  }

  @Test
  void anotherServerIsAskedWhereOneIsSilent() throws IOException {
    server.feel(FakeNameServer.Mood.SILENT);
    try (FakeNameServer other = new FakeNameServer()) {
      other.say(NAME, "A", "10.1.0.1");

      assertThat(book("A", List.of(server.place(), other.place())).read()).hasSize(2);
    }
  }

  @Test
  void settingsThatCannotBeAreRefusedByName() {
    assertThatThrownBy(() -> new Discovery.Dns(NAME, "MX", List.of()))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("record");
    assertThatThrownBy(() -> new Discovery.Dns(" ", "A", List.of()))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("name");
    assertThatThrownBy(() -> new Discovery.Dns(NAME, "A", List.of("10.0.0.1:99999")))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("servers");
  }
}
