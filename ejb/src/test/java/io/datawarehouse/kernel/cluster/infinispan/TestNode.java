package io.datawarehouse.kernel.cluster.infinispan;

import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.HmacJoinProofs;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.kernel.trust.SealedNotes;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jgroups.JChannel;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TP;
import org.jgroups.stack.ProtocolStack;

/** A node of a cluster within the test's JVM: a membership and what it needs of a kernel. */
final class TestNode implements AutoCloseable {

  static {
    QuietLogs.hush();
  }

  static final String CLUSTER = "test";
  static final Duration LIMIT = Duration.ofMinutes(4);

  final NodeId id;
  final InfinispanCluster cluster;
  final NodeDescriptor descriptor;
  final RecordingMetrics metrics = new RecordingMetrics();
  final List<MembershipChange> changes = new CopyOnWriteArrayList<>();
  final AtomicBoolean removalAllowed = new AtomicBoolean(true);
  final AuditLog audit;
  final JoinProofs proofs;
  final Plan plan;
  private volatile boolean killed;
  private final String clusterName;

  /** What a node is made of. */
  record Plan(
      String id,
      long incarnation,
      String clusterName,
      Path tokens,
      boolean tls,
      InetAddress bind,
      Discovery discovery,
      int firstPort,
      int ports,
      ClusterOptions.Timing timing,
      UnaryOperator<JoinProofs> proofs) {

    static Plan of(String id, Path directory) {
      return new Plan(
          id,
          1,
          CLUSTER,
          directory.resolve("join.token"),
          true,
          loopback(1),
          new Discovery.Directory(directory.resolve("nodes")),
          0,
          20,
          quick(),
          proofs -> proofs);
    }

    Plan run(long newIncarnation) {
      return new Plan(
          id,
          newIncarnation,
          clusterName,
          tokens,
          tls,
          bind,
          discovery,
          firstPort,
          ports,
          timing,
          proofs);
    }

    Plan inCluster(String name) {
      return new Plan(
          id, incarnation, name, tokens, tls, bind, discovery, firstPort, ports, timing, proofs);
    }

    Plan withTokens(Path file) {
      return new Plan(
          id,
          incarnation,
          clusterName,
          file,
          tls,
          bind,
          discovery,
          firstPort,
          ports,
          timing,
          proofs);
    }

    Plan plain() {
      return new Plan(
          id,
          incarnation,
          clusterName,
          tokens,
          false,
          bind,
          discovery,
          firstPort,
          ports,
          timing,
          proofs);
    }

    Plan at(InetAddress address) {
      return new Plan(
          id,
          incarnation,
          clusterName,
          tokens,
          tls,
          address,
          discovery,
          firstPort,
          ports,
          timing,
          proofs);
    }

    Plan finding(Discovery others, int port) {
      return new Plan(
          id, incarnation, clusterName, tokens, tls, bind, others, port, ports, timing, proofs);
    }

    Plan onOnePort() {
      return new Plan(
          id, incarnation, clusterName, tokens, tls, bind, discovery, firstPort, 1, timing, proofs);
    }

    Plan timed(ClusterOptions.Timing other) {
      return new Plan(
          id,
          incarnation,
          clusterName,
          tokens,
          tls,
          bind,
          discovery,
          firstPort,
          ports,
          other,
          proofs);
    }

    Plan proving(UnaryOperator<JoinProofs> other) {
      return new Plan(
          id,
          incarnation,
          clusterName,
          tokens,
          tls,
          bind,
          discovery,
          firstPort,
          ports,
          timing,
          other);
    }

    TestNode make() {
      return new TestNode(this);
    }
  }

  /** Times that make tests short and still hold on a machine that has a lot to do. */
  static ClusterOptions.Timing quick() {
    return quick(Duration.ofSeconds(20));
  }

  /** The same with a silence after which a member is left out. */
  static ClusterOptions.Timing quick(Duration silence) {
    return timing(silence, Duration.ofMillis(1_200));
  }

  /** The same for a node that must find the others before it founds a cluster. */
  static ClusterOptions.Timing patient(Duration silence) {
    return timing(silence, Duration.ofSeconds(10));
  }

  private static ClusterOptions.Timing timing(Duration silence, Duration search) {
    return new ClusterOptions.Timing(
        silence,
        Duration.ofMillis(500),
        search,
        Duration.ofMillis(900),
        Duration.ofSeconds(1),
        Duration.ofHours(1),
        Duration.ofMillis(500));
  }

  static InetAddress loopback(int last) {
    try {
      return InetAddress.getByName("127.0.0." + last);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private TestNode(Plan plan) {
    this.plan = plan;
    id = new NodeId(plan.id());
    clusterName = plan.clusterName();
    Clock clock = Clock.systemUTC();
    SecureRandom random = new SecureRandom();
    audit = new AuditLog(clock, AuditLog.Options.standard());
    JoinTokens tokens =
        JoinTokens.open(
            new JoinTokens.Options(plan.tokens(), true, new MapSecrets(), random, clock, audit));
    proofs =
        plan.proofs()
            .apply(
                new HmacJoinProofs(
                    new HmacJoinProofs.Options(
                        plan.clusterName(),
                        id,
                        plan.incarnation(),
                        HmacJoinProofs.STANDARD_TOLERANCE,
                        tokens,
                        clock,
                        random,
                        metrics,
                        audit)));
    TransportSecurity security =
        plan.tls()
            ? new TransportSecurity.MutualTls(
                new NodeTls(
                    new NodeTls.Options(
                        plan.clusterName(),
                        id,
                        CertificateNames.SEALED,
                        NodeTls.STANDARD_LIFE,
                        tokens,
                        clock,
                        random,
                        metrics,
                        audit)))
            : new TransportSecurity.Plain();
    descriptor =
        new NodeDescriptor(
            id,
            plan.incarnation(),
            plan.bind().getHostAddress() + ":8080",
            Map.of("grpc", plan.bind().getHostAddress() + ":9090"),
            "zone-1",
            "rack-1",
            1,
            "1.0",
            Instant.parse("2026-01-01T00:00:00Z"),
            Set.of(),
            Map.of("region", "north"));
    cluster =
        new InfinispanCluster(
            descriptor,
            new ClusterOptions(
                plan.bind(),
                plan.firstPort(),
                plan.ports(),
                plan.discovery(),
                security,
                16,
                plan.timing()),
            new Surroundings(
                proofs,
                new SealedNotes(plan.clusterName(), tokens, clock, random),
                clock,
                System::nanoTime,
                task -> {
                  Thread thread = new Thread(task, "dw-membership-" + id);
                  thread.setDaemon(true);
                  return thread;
                },
                metrics,
                removalAllowed::get,
                TestNode.class.getClassLoader()));
    cluster.watch(changes::add);
  }

  JoinResult join() {
    return join(LIMIT);
  }

  JoinResult join(Duration limit) {
    return cluster.join(new JoinRequest(clusterName, descriptor, List.of(), limit));
  }

  /** Joins and becomes active. */
  TestNode joined() {
    JoinResult result = join();
    if (!result.joined()) {
      throw new AssertionError(id + ": " + result);
    }
    cluster.activate("the test says so");
    return this;
  }

  NodeState state(String node) {
    return cluster
        .view()
        .find(new NodeId(node))
        .map(ClusterNode::state)
        .orElseThrow(() -> new AssertionError(node + " is not known to " + id));
  }

  boolean sees(NodeState state, String... nodes) {
    for (String node : nodes) {
      if (cluster.view().find(new NodeId(node)).filter(known -> known.state() == state).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  void awaitSeeing(NodeState state, String... nodes) {
    await(id + " sees " + List.of(nodes) + " " + state)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> sees(state, nodes));
  }

  JChannel channel() {
    return cluster.channel().orElseThrow();
  }

  /** Cuts all ties to some others, in both directions, without a connection being broken. */
  void cutFrom(TestNode... others) {
    DISCARD discard = channel().getProtocolStack().findProtocol(DISCARD.class);
    if (discard == null) {
      discard = new DISCARD();
      try {
        channel()
            .getProtocolStack()
            .insertProtocol(discard, ProtocolStack.Position.ABOVE, TP.class);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    for (TestNode other : others) {
      discard.addIgnoreMember(other.channel().getAddress());
    }
  }

  void heal() {
    channel().getProtocolStack().removeProtocol(DISCARD.class);
  }

  /** Breaks all connections at once and says nothing more, as a killed process does. */
  void kill() {
    killed = true;
    channel().getProtocolStack().getTransport().stop();
  }

  /** What a killed node would say when it ends takes its time and nobody hears it. */
  @Override
  public void close() {
    if (killed) {
      Thread ending = new Thread(cluster::close, "ending-" + id);
      ending.setDaemon(true);
      ending.start();
    } else {
      cluster.close();
    }
  }
}
