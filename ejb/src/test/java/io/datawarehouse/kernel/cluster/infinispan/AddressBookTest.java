package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  @TempDir Path directory;

  @Test
  void nodesFindEachOtherInADirectory() throws IOException {
    showWriting(
        new DirectoryBook(directory.resolve("nodes"), A),
        new DirectoryBook(directory.resolve("nodes"), B));
  }

  @Test
  void nodesFindEachOtherInADatabase() throws IOException {
    JdbcDataSource source = new JdbcDataSource();
    source.setUrl("jdbc:h2:mem:" + directory.getFileName() + ";DB_CLOSE_DELAY=-1");
    Discovery.Database database = new Discovery.Database(source, "dw_nodes");

    showWriting(new DatabaseBook(database, "test", A), new DatabaseBook(database, "test", B));

    DatabaseBook other = new DatabaseBook(database, "another", A);
    other.write(place(1));
    assertThat(new DatabaseBook(database, "test", A).read()).doesNotContain(place(1));
  }

  private static void showWriting(AddressBook a, AddressBook b) throws IOException {
    a.write(place(7_800));
    b.write(place(7_801));
    assertThat(a.read()).containsExactlyInAnyOrder(place(7_800), place(7_801));

    a.write(place(7_900));
    assertThat(b.read()).containsExactlyInAnyOrder(place(7_900), place(7_801));

    b.clear();
    b.clear();
    assertThat(a.read()).containsExactly(place(7_900));

    assertThat(b.remove(place(7_901))).isFalse();
    assertThat(b.remove(place(7_900))).isTrue();
    assertThat(b.remove(place(7_900))).isFalse();
    assertThat(a.read()).isEmpty();
  }

  @Test
  void directoryThatIsNotThereIsEmpty() throws IOException {
    assertThat(new DirectoryBook(directory.resolve("nowhere"), A).read()).isEmpty();
  }

  @Test
  void rubbishInTheDirectoryIsPassedOver() throws IOException {
    Files.writeString(directory.resolve("x.address"), "what is this:99999");
    Files.writeString(directory.resolve("y.address"), "");
    Files.writeString(directory.resolve("readme.txt"), "127.0.0.1:1");
    DirectoryBook book = new DirectoryBook(directory, A);
    book.write(place(7_800));

    assertThat(book.read()).containsExactly(place(7_800));
  }

  @Test
  void addressesWithoutPortStandForARange() {
    FixedAddresses book = new FixedAddresses(List.of("127.0.0.1", "127.0.0.2:99"), 7_800, 3);

    assertThat(book.read())
        .extracting(InetSocketAddress::getPort)
        .containsExactly(7_800, 7_801, 7_802, 99);
  }

  @Test
  void hostThatIsNotKnownIsPassedOver() {
    FixedAddresses book =
        new FixedAddresses(List.of("no-such-host.invalid:1", "127.0.0.1:2"), 7_800, 1);

    assertThat(book.read()).extracting(InetSocketAddress::getPort).containsExactly(2);
  }

  @ParameterizedTest
  @CsvSource({
    "host, host, 0",
    "host:1, host, 1",
    "127.0.0.1:7800, 127.0.0.1, 7800",
    "'[::1]:7800', ::1, 7800",
    "::1, ::1, 0",
    "'[::1]', ::1, 0"
  })
  void placesAreReadAsPeopleWriteThem(String text, String host, int port) {
    assertThat(HostAndPort.parse(text)).isEqualTo(new HostAndPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":1", "host:", "host:x", "host:0", "host:65536"})
  void placesThatAreNoneAreRefused(String text) {
    assertThatThrownBy(() -> HostAndPort.parse(text)).isInstanceOf(WarehouseException.class);
  }

  private static InetSocketAddress place(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
