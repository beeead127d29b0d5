package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.HmacJoinProofs;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may take part in the coordinators' channel. */
final class RaftTrustTest {

  private static final String CLUSTER = "warehouse";

  @TempDir Path directory;

  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();
  private final AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());

  @Test
  void nodesWithTheTokenFoundAGroupAndFindEachOtherAgain() throws Exception {
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      for (String node : List.of("a", "b", "c")) {
        nodes.secure(node, mutual(node, "cluster.token"));
      }
      nodes.startAll("a", "b", "c");
      nodes.awaitLeader();

      assertThat(RaftNodes.put(nodes.get("b"), "color", "red").applied()).isTrue();
      RaftCoordinator cut = nodes.get("c");
      assertThat(RaftNodes.latest(cut, "color").orElseThrow().value()).isEqualTo("red");
      RaftNodes.cut(cut);
      await().atMost(RaftNodes.LONG).until(() -> !cut.leadership().available());
      RaftNodes.heal(cut);
      nodes.awaitLeader();
      assertThat(RaftNodes.latest(cut, "color").orElseThrow().value()).isEqualTo("red");
    }
  }

  @Test
  void whoHasAnotherTokenOrNoneSeesNobodyAndIsSeenByNobody() {
    try (RaftNodes nodes = new RaftNodes(directory, 1)) {
      nodes.secure("a", mutual("a", "cluster.token"));
      nodes.secure("stranger", mutual("stranger", "other.token"));
      nodes.start("a");
      nodes.awaitLeader();
      nodes.start("stranger");
      nodes.start("plain");

      await().atMost(RaftNodes.LONG).until(() -> nodes.get("stranger").leadership().available());
      await().atMost(RaftNodes.LONG).until(() -> nodes.get("plain").leadership().available());
      await().atMost(RaftNodes.LONG).until(() -> !audit.recent().isEmpty());
      for (String node : List.of("a", "stranger", "plain")) {
        assertThat(nodes.get(node).status().inView()).containsExactly(new NodeId(node));
        assertThat(nodes.get(node).status().foreign()).isEmpty();
      }
      assertThat(RaftNodes.put(nodes.get("a"), "color", "red").applied()).isTrue();
    }
  }

  @Test
  void strangersThatConnectAndSayNothingKeepNobodyOut() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      for (String node : List.of("a", "b", "c")) {
        nodes.secure(node, mutual(node, "cluster.token"));
      }
      nodes.start("a");
      for (int i = 1; i <= 80; i++) {
        InetSocketAddress place = nodes.address("a");
        InetAddress from = InetAddress.getByName("127.1.1." + i);
        silent.add(new Socket(place.getAddress(), place.getPort(), from, 0));
      }

      nodes.start("b");
      nodes.start("c");

      nodes.awaitLeader();
      assertThat(RaftNodes.put(nodes.get("a"), "color", "red").applied()).isTrue();
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void inPlainTextTheTokenIsNeededToo() throws Exception {
    try (RaftNodes nodes = new RaftNodes(directory, 3)) {
      for (String node : List.of("a", "b", "c")) {
        nodes.secure(node, new ClusterTransport.Security.Proven(proofs(node), "raft"));
      }
      nodes.startAll("a", "b", "c");
      nodes.awaitLeader();
      RaftCoordinator cut = nodes.get("c");
      RaftNodes.cut(cut);
      await().atMost(RaftNodes.LONG).until(() -> !cut.leadership().available());
      RaftNodes.heal(cut);
      nodes.awaitLeader();
      assertThat(RaftNodes.put(cut, "color", "red").applied()).isTrue();

      // With no proof at all.
      assertThatThrownBy(() -> nodes.start("stranger"))
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BOOT_FAILED));
      for (String node : List.of("a", "b", "c")) {
        assertThat(nodes.get(node).status().inView()).doesNotContain(new NodeId("stranger"));
      }
    }
  }

  private JoinProofs proofs(String node) {
    return proofs(new NodeId(node), tokens("cluster.token"));
  }

  private JoinTokens tokens(String tokenFile) {
    Path file = directory.resolve(tokenFile);
    JoinTokens.make(file, random);
    return JoinTokens.open(
        new JoinTokens.Options(file, false, new MapSecrets(), random, clock, audit));
  }

  private JoinProofs proofs(NodeId id, JoinTokens tokens) {
    return new HmacJoinProofs(
        new HmacJoinProofs.Options(
            CLUSTER,
            id,
            1,
            HmacJoinProofs.STANDARD_TOLERANCE,
            tokens,
            clock,
            random,
            new RecordingMetrics(),
            audit));
  }

  private ClusterTransport.Security mutual(String node, String tokenFile) {
    JoinTokens tokens = tokens(tokenFile);
    NodeId id = new NodeId(node);
    NodeTls tls =
        new NodeTls(
            new NodeTls.Options(
                CLUSTER,
                id,
                CertificateNames.SEALED,
                NodeTls.STANDARD_LIFE,
                tokens,
                clock,
                random,
                new RecordingMetrics(),
                audit));
    return new ClusterTransport.Security.Mutual(tls, proofs(id, tokens), "raft");
  }
}
