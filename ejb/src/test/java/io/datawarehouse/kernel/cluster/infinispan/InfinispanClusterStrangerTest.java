package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.NodeState;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who must not get in, with TLS and, where it was switched off by name, without. */
class InfinispanClusterStrangerTest {

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

  /** A node that is to be refused must not found a cluster because an answer is late. */
  private static TestNode.Plan patient(TestNode.Plan plan) {
    return plan.timed(TestNode.patient(Duration.ofSeconds(20)));
  }

  private TestNode.Plan plan(String id, boolean tls) {
    return tls ? nodes.plan(id) : nodes.plan(id).plain();
  }

  @Test
  void plainTextWorksWhereItIsAskedForByName() {
    TestNode a = nodes.start(nodes.plan("a").plain());
    TestNode b = nodes.start(nodes.plan("b").plain());

    a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    b.awaitSeeing(NodeState.ACTIVE, "a", "b");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nodeWithAnotherTokenIsRefused(boolean tls) {
    TestNode a = nodes.start(plan("a", tls));

    JoinResult result =
        nodes
            .make(
                (tls ? plan("stranger", true) : patient(plan("stranger", false)))
                    .withTokens(directory.resolve("other.token"))
                    .finding(new Discovery.Addresses(List.of(placeOf(a))), 17_801))
            .join();

    assertThat(result)
        .isInstanceOfSatisfying(
            JoinResult.Refused.class,
            refused -> assertThat(refused.cause()).isEqualTo(JoinResult.Cause.NOT_ADMITTED));
    assertThat(a.cluster.view().nodes()).hasSize(1);
    if (!tls) {
      assertThat(a.audit.recent()).anyMatch(entry -> entry.what().equals("join"));
    }
  }

  @Test
  void nodeWithoutTlsDoesNotMeetThoseWithIt() {
    TestNode a = nodes.start(nodes.plan("a"));

    TestNode stranger = nodes.make(nodes.plan("stranger").plain());
    stranger.join();

    neverMeet(a, stranger);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void clustersOfOtherNamesNeverMeet(boolean tls) {
    TestNode a = nodes.start(plan("a", tls));

    TestNode other = nodes.make(plan("other", tls).inCluster("another"));
    other.join();

    neverMeet(a, other);
  }

  private static void neverMeet(TestNode a, TestNode other) {
    await()
        .during(Duration.ofSeconds(2))
        .atMost(TestNode.LIMIT)
        .until(
            () -> a.cluster.view().nodes().size() == 1 && other.cluster.view().nodes().size() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void proofThatWasUsedBeforeIsRefused(boolean tls) {
    TestNode a = nodes.start(plan("a", tls));
    AtomicReference<String> used = new AtomicReference<>();
    TestNode first = nodes.start(plan("b", tls).proving(proofs -> keeping(proofs, used)));
    a.awaitSeeing(NodeState.ACTIVE, "b");
    first.cluster.leave("overheard");
    a.awaitSeeing(NodeState.LEFT, "b");

    JoinResult result =
        nodes.make(patient(plan("b", tls).proving(proofs -> repeating(proofs, used.get())))).join();

    assertThat(result).isInstanceOf(JoinResult.Refused.class);
    assertThat(((JoinResult.Refused) result).cause()).isEqualTo(JoinResult.Cause.NOT_ADMITTED);
    assertThat(a.state("b")).isEqualTo(NodeState.LEFT);
    assertThat(a.audit.recent()).anyMatch(entry -> entry.what().equals("join"));
  }

  @Test
  void proofOfAnotherNodeIsRefused() {
    TestNode a = nodes.start(nodes.plan("a"));
    TestNode thief = nodes.make(nodes.plan("thief"));
    TestNode victim = nodes.make(nodes.plan("victim"));

    JoinResult result =
        nodes
            .make(
                patient(
                    nodes.plan("thief").run(2).proving(proofs -> minting(proofs, victim.proofs))))
            .join();

    assertThat(result).isInstanceOf(JoinResult.Refused.class);
    assertThat(a.cluster.view().nodes()).hasSize(1);
    assertThat(thief.cluster.view().nodes()).hasSize(1);
  }

  @Test
  void whoOnlyConnectsIsToldNothing() throws IOException {
    TestNode a = nodes.start(nodes.plan("a"));
    InetSocketAddress place = a.cluster.addressOf(a.id).orElseThrow();

    try (Socket socket = new Socket(place.getAddress(), place.getPort())) {
      socket.setSoTimeout(500);
      InputStream in = socket.getInputStream();
      int first;
      try {
        first = in.read();
      } catch (SocketTimeoutException | SocketException e) {
        first = -1;
      }
      assertThat(first).isEqualTo(-1);
    }
  }

  @Test
  void whoConnectsAndSaysNothingKeepsNobodyOut() throws IOException {
    TestNode a = nodes.start(nodes.plan("a"));
    InetSocketAddress place = a.cluster.addressOf(a.id).orElseThrow();
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 1; i <= 80; i++) {
        InetAddress from = InetAddress.getByName("127.1.1." + i);
        silent.add(new Socket(place.getAddress(), place.getPort(), from, 0));
      }

      nodes.start(nodes.plan("b"));

      a.awaitSeeing(NodeState.ACTIVE, "a", "b");
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private static String placeOf(TestNode node) {
    InetSocketAddress place = node.cluster.addressOf(node.id).orElseThrow();
    return place.getAddress().getHostAddress() + ":" + place.getPort();
  }

  private static JoinProofs keeping(JoinProofs proofs, AtomicReference<String> used) {
    return new JoinProofs() {
      @Override
      public String mint(String purpose) {
        String proof = proofs.mint(purpose);
        used.compareAndSet(null, proof);
        return proof;
      }

      @Override
      public Verdict verify(String purpose, String proof, String from) {
        return proofs.verify(purpose, proof, from);
      }
    };
  }

  private static JoinProofs repeating(JoinProofs proofs, String proof) {
    return new JoinProofs() {
      @Override
      public String mint(String purpose) {
        return proof;
      }

      @Override
      public Verdict verify(String purpose, String other, String from) {
        return proofs.verify(purpose, other, from);
      }
    };
  }

  private static JoinProofs minting(JoinProofs proofs, JoinProofs others) {
    return new JoinProofs() {
      @Override
      public String mint(String purpose) {
        return others.mint(purpose);
      }

      @Override
      public Verdict verify(String purpose, String proof, String from) {
        return proofs.verify(purpose, proof, from);
      }
    };
  }
}
