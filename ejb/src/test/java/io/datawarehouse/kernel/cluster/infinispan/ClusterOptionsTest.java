package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterOptionsTest {

  private static final Discovery DIRECTORY = new Discovery.Directory(Path.of("nodes"));

  @Test
  void defaultsAreAllowed() {
    assertThat(ClusterOptions.of(TestNode.loopback(1), DIRECTORY, new TransportSecurity.Plain()))
        .isNotNull();
  }

  @Test
  void wildcardIsNoAddressForOthers() throws UnknownHostException {
    InetAddress any = InetAddress.getByName("0.0.0.0");

    assertThatThrownBy(() -> ClusterOptions.of(any, DIRECTORY, new TransportSecurity.Plain()))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("bind");
  }

  @Test
  void anyFreePortNeedsADiscoveryThatTellsIt() {
    assertThatThrownBy(() -> at(0, new Discovery.Addresses(List.of("x:1"))))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("firstPort");
    assertThat(at(0, DIRECTORY)).isNotNull();
  }

  private static ClusterOptions at(int port, Discovery discovery) {
    return new ClusterOptions(
        TestNode.loopback(1),
        port,
        1,
        discovery,
        new TransportSecurity.Plain(),
        16,
        ClusterOptions.Timing.standard());
  }

  @Test
  void timesHaveLimits() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(
            () ->
                new ClusterOptions.Timing(
                    Duration.ofMillis(10), second, second, second, second, second, second))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("silence");
  }

  @Test
  void tableIsANameAndNothingElse() {
    assertThatThrownBy(
            () ->
                new Discovery.Database(
                    new org.h2.jdbcx.JdbcDataSource(), "nodes; drop table nodes"))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("table");
  }

  @Test
  void tagOfANodeStandsInItsAddress() {
    NodeTag tag = new NodeTag(new NodeId("node-1.x_y"), 1_790_000_000_000L);

    assertThat(NodeTag.of(tag.newAddress("any"))).contains(tag);
    assertThat(NodeTag.of(org.jgroups.util.UUID.randomUUID())).isEmpty();
  }

  @Test
  void statementOfANewerVersionIsUnderstood() {
    NodeStatement statement =
        new NodeStatement(
            NodeDescriptor.of(new NodeId("a"), "a:1", "1.0", Instant.parse("2026-01-01T00:00:00Z")),
            NodeState.ACTIVE,
            Instant.parse("2026-01-01T00:00:01Z"),
            "because",
            Map.of("b", new NodeStatement.DrainOrder(3, Instant.EPOCH, "old")));

    assertThat(NodeStatement.fromJson(statement.toJson())).contains(statement);
    assertThat(NodeStatement.fromJson(statement.toJson().replaceFirst("\\{", "{\"shoeSize\":43,")))
        .contains(statement);
    assertThat(NodeStatement.fromJson("{}")).isEmpty();
    assertThat(NodeStatement.fromJson("no")).isEmpty();
    assertThat(NodeStatement.fromJson(statement.toJson().replace("ACTIVE", "DEAD"))).isEmpty();
  }
}
