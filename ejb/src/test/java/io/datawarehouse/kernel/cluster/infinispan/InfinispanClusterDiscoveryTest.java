package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.NodeState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which nodes find each other; the other tests do so by a directory. */
class InfinispanClusterDiscoveryTest {

  @TempDir Path directory;

  private ClusterOfNodes nodes;

  @BeforeEach
  void make() {
    nodes = new ClusterOfNodes(directory);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  private void showThatTwoMeet(Discovery discovery, int port) {
    TestNode a = nodes.start(nodes.plan("a").finding(discovery, port));
    TestNode b = nodes.start(nodes.plan("b").finding(discovery, port));

    a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    b.awaitSeeing(NodeState.ACTIVE, "a", "b");
  }

  @Test
  void byAddresses() {
    showThatTwoMeet(new Discovery.Addresses(List.of("127.0.0.1")), 17_800);
  }

  @Test
  void byAddressesOfOtherHostsOnOnePort() {
    Discovery all = new Discovery.Addresses(List.of("127.0.0.1:17850", "127.0.0.2:17850"));
    TestNode a = nodes.start(nodes.plan("a").finding(all, 17_850));
    TestNode b = nodes.start(nodes.plan("b").at(TestNode.loopback(2)).finding(all, 17_850));

    a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    b.awaitSeeing(NodeState.ACTIVE, "a", "b");
  }

  @Test
  void byDns() {
    showThatTwoMeet(new Discovery.Dns("localhost", "A", List.of()), 17_900);
  }

  @Test
  void byDnsWhoseAnswersChangeAsNodesCome() throws IOException {
    try (FakeNameServer server = new FakeNameServer()) {
      String name = "nodes.warehouse.test";
      Discovery dns = new Discovery.Dns(name, "SRV", List.of(server.place()));
      TestNode a = nodes.start(nodes.plan("a").finding(dns, 17_930).onOnePort());
      server.say(name, "SRV", "0 50 17930 first.warehouse.test");
      server.say("first.warehouse.test", "A", "127.0.0.1");

      TestNode b =
          nodes.start(nodes.plan("b").at(TestNode.loopback(2)).finding(dns, 17_940).onOnePort());

      a.awaitSeeing(NodeState.ACTIVE, "a", "b");
      b.awaitSeeing(NodeState.ACTIVE, "a", "b");
    }
  }

  @Test
  void nodeWhoseNameServerIsSilentFoundsNoCluster() throws IOException {
    try (FakeNameServer server = new FakeNameServer()) {
      server.feel(FakeNameServer.Mood.SILENT);
      Discovery dns = new Discovery.Dns("nodes.warehouse.test", "A", List.of(server.place()));
      TestNode a = nodes.make(nodes.plan("a").finding(dns, 17_950).onOnePort());

      JoinResult result = a.join(Duration.ofSeconds(4));

      assertThat(result)
          .isInstanceOfSatisfying(
              JoinResult.TimedOut.class,
              late -> assertThat(late.detail()).contains("no name server answers"));
      server.feel(FakeNameServer.Mood.FINE);
      assertThat(a.join().joined()).isTrue();
    }
  }

  @Test
  void byDatabase() {
    JdbcDataSource source = new JdbcDataSource();
    source.setUrl("jdbc:h2:mem:" + directory.getFileName() + ";DB_CLOSE_DELAY=-1");
    showThatTwoMeet(new Discovery.Database(source, "nodes"), 0);
  }

  @Test
  void byMulticast() throws UnknownHostException {
    showThatTwoMeet(new Discovery.Multicast(InetAddress.getByName("239.6.7.9"), 46_699, 0), 0);
  }
}
