package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.NodeState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that find each other by a database of its own process, over its driver. */
class InfinispanClusterDatabaseTest {

  @TempDir Path directory;

  private ClusterOfNodes nodes;
  private Server server;
  private Discovery.Database database;

  @BeforeEach
  void startDatabase() throws SQLException {
    nodes = new ClusterOfNodes(directory);
    server = serve(0);
    JdbcDataSource source = new JdbcDataSource();
    source.setUrl("jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./discovery");
    source.setUser("warehouse");
    source.setPassword("test");
    database = new Discovery.Database(source, "dw_nodes");
  }

  private Server serve(int port) throws SQLException {
    return Server.createTcpServer(
            "-tcpPort",
            String.valueOf(port),
            "-baseDir",
            directory.resolve("database").toString(),
            "-ifNotExists")
        .start();
  }

  @AfterEach
  void close() {
    nodes.close();
    server.stop();
  }

  private TestNode.Plan plan(String id) {
    return nodes.plan(id).finding(database, 0);
  }

  private Map<String, Integer> rows() throws SQLException {
    Map<String, Integer> rows = new TreeMap<>();
    try (Connection connection = database.source().getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT node, port FROM dw_nodes")) {
      while (found.next()) {
        rows.put(found.getString(1), found.getInt(2));
      }
    }
    return rows;
  }

  @Test
  void nodesMeetAndWhatAKilledOneLeftBehindDisturbsNobodyAndIsTakenOut() throws SQLException {
    TestNode a = nodes.start(plan("a").timed(TestNode.quick(Duration.ofSeconds(2))));
    TestNode b = nodes.start(plan("b").timed(TestNode.quick(Duration.ofSeconds(2))));
    a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    assertThat(rows()).containsOnlyKeys("a", "b");

    b.kill();
    a.awaitSeeing(NodeState.DEAD, "b");
    assertThat(rows()).as("the row of a killed node").containsKey("b");

    TestNode c = nodes.start(plan("c"));
    a.awaitSeeing(NodeState.ACTIVE, "a", "c");
    c.awaitSeeing(NodeState.ACTIVE, "a", "c");
    await()
        .atMost(TestNode.LIMIT)
        .untilAsserted(() -> assertThat(rows()).containsOnlyKeys("a", "c"));

    c.cluster.leave("the test says so");
    c.cluster.close();
    assertThat(rows()).as("one that leaves takes its row with it").containsOnlyKeys("a");
  }

  @Test
  void rowThatSomebodyTookOutIsWrittenAgain() throws SQLException {
    nodes.start(plan("a"));
    try (Connection connection = database.source().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM dw_nodes");
    }

    await().atMost(TestNode.LIMIT).untilAsserted(() -> assertThat(rows()).containsOnlyKeys("a"));
  }

  @Test
  void nodeThatCannotReachTheDatabaseFoundsNoClusterAndSaysWhy() throws SQLException {
    int port = server.getPort();
    server.stop();
    TestNode a = nodes.make(plan("a"));

    JoinResult result = a.join(Duration.ofSeconds(3));

    assertThat(result)
        .isInstanceOfSatisfying(
            JoinResult.TimedOut.class,
            late ->
                assertThat(late.detail())
                    .contains("cannot look where other nodes are", "table dw_nodes"));
    assertThat(a.cluster.channel()).isEmpty();
    server = serve(port);
    assertThat(a.join().joined()).as("once it is there").isTrue();
    assertThat(rows()).containsOnlyKeys("a");
  }

  @Test
  void clusterStandsWhileTheDatabaseIsAwayAndTakesNodesAfterwards() throws SQLException {
    TestNode a = nodes.start(plan("a"));
    TestNode b = nodes.start(plan("b"));
    a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    int port = server.getPort();
    server.stop();

    await()
        .during(Duration.ofSeconds(2))
        .atMost(TestNode.LIMIT)
        .until(() -> a.sees(NodeState.ACTIVE, "a", "b") && b.sees(NodeState.ACTIVE, "a", "b"));

    server = serve(port);
    nodes.start(plan("c"));
    a.awaitSeeing(NodeState.ACTIVE, "a", "b", "c");
  }

  @Test
  void tableOfThatNameInAnotherSchemaIsNotTakenForTheOwn() throws SQLException {
    try (Connection connection = database.source().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE SCHEMA other");
      statement.executeUpdate("CREATE TABLE other.dw_nodes (something INTEGER)");
    }

    nodes.start(plan("a"));

    assertThat(rows()).containsOnlyKeys("a");
  }
}
