package io.datawarehouse.kernel.coordination.raft;

import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.coordination.Capacity;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TP;
import org.jgroups.stack.ProtocolStack;

/** Coordinators of one cluster, each on a loopback address of its own. */
final class RaftNodes implements AutoCloseable {

  static final Duration LONG = Duration.ofMinutes(2);
  static final ReadConsistency LATEST = new ReadConsistency.Latest();
  private static final int PORT = 7_900;

  private final Path directory;
  private final int bootstrapNodes;
  private final long snapshotBytes;
  private final String network =
      "127.%d.%d."
          .formatted(
              ThreadLocalRandom.current().nextInt(20, 250),
              ThreadLocalRandom.current().nextInt(1, 250));
  private final Map<String, Integer> hosts = new ConcurrentHashMap<>();
  private final Map<String, ClusterTransport.Security> securities = new ConcurrentHashMap<>();
  private final Map<String, Integer> announced = new ConcurrentHashMap<>();
  private final Map<String, LogDisk> disks = new ConcurrentHashMap<>();
  private final Map<String, RecordingMetrics> metrics = new ConcurrentHashMap<>();
  private final Map<String, Long> runs = new ConcurrentHashMap<>();
  private final Map<String, RaftCoordinator> running = new ConcurrentSkipListMap<>();

  RaftNodes(Path directory, int bootstrapNodes) {
    this(directory, bootstrapNodes, 1 << 20);
  }

  RaftNodes(Path directory, int bootstrapNodes, long snapshotBytes) {
    this.directory = directory;
    this.bootstrapNodes = bootstrapNodes;
    this.snapshotBytes = snapshotBytes;
  }

  /** Has a node found with as many as that, from its next start on. */
  void announce(String node, int founders) {
    announced.put(node, founders);
  }

  /** Has a node connect by that from its next start on. */
  void secure(String node, ClusterTransport.Security security) {
    securities.put(node, security);
  }

  /** Has a node write to that from its next start on. */
  void writeTo(String node, LogDisk disk) {
    disks.put(node, disk);
  }

  /** Returns what a node has counted since its last start. */
  double count(String node, String name) {
    return Optional.ofNullable(metrics.get(node)).orElseThrow().count(name, Map.of());
  }

  RaftCoordinator start(String node) {
    return startAs(node, runs.merge(node, 1L, Long::sum));
  }

  /** Starts a node in that run of it. */
  RaftCoordinator startAs(String node, long run) {
    InetSocketAddress bind = address(node);
    RaftOptions options =
        new RaftOptions(
            new NodeId(node),
            run,
            directory.resolve(node),
            ClusterTransport.Options.of(bind),
            announced.getOrDefault(node, bootstrapNodes),
            Capacity.DEFAULT,
            snapshotBytes,
            Duration.ofMillis(1_500),
            Duration.ofSeconds(5));
    RecordingMetrics counted = new RecordingMetrics();
    metrics.put(node, counted);
    RaftCoordinator coordinator =
        new RaftCoordinator(
            options,
            new RaftSurroundings(
                securities.getOrDefault(node, new ClusterTransport.Security.Plain()),
                () -> hosts.keySet().stream().map(this::address).toList(),
                threads(node),
                System::nanoTime,
                () -> UUID.randomUUID().toString(),
                counted),
            disks.getOrDefault(node, LogDisk.REAL),
            new LogFault.Pauses(Duration.ofMillis(100), Duration.ofMillis(400)));
    running.put(node, coordinator);
    coordinator.start();
    return coordinator;
  }

  /** Starts all of them at the same time. */
  void startAll(String... nodes) {
    for (String node : nodes) {
      address(node);
    }
    CompletableFuture<?>[] starts = new CompletableFuture<?>[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      String node = nodes[i];
      starts[i] =
          CompletableFuture.runAsync(
              () -> start(node), task -> threads(node).newThread(task).start());
    }
    CompletableFuture.allOf(starts).join();
  }

  RaftCoordinator get(String node) {
    return Optional.ofNullable(running.get(node)).orElseThrow();
  }

  List<String> names() {
    return List.copyOf(running.keySet());
  }

  /** Has all that run admitted, as happens to members, and waits until they have a vote. */
  void awaitVotersAll() {
    List<NodeId> members = names().stream().map(NodeId::new).toList();
    all().forEach(node -> members.forEach(node::admit));
    await("votes of " + members)
        .atMost(LONG)
        .until(() -> all().stream().allMatch(node -> node.status().voters().equals(members)));
    awaitLeader();
  }

  List<RaftCoordinator> all() {
    return List.copyOf(running.values());
  }

  void stop(String node) {
    RaftCoordinator coordinator = running.remove(node);
    coordinator.close();
  }

  /** Ends a node as if its process had been killed: nothing is said, its sockets are closed. */
  void kill(String node) throws Exception {
    RaftCoordinator coordinator = running.remove(node);
    cut(coordinator);
    coordinator.close();
  }

  /** Lets nothing in and nothing out. */
  static void cut(RaftCoordinator coordinator) throws Exception {
    ProtocolStack stack = coordinator.channel().channel().getProtocolStack();
    DISCARD discard = new DISCARD();
    stack.insertProtocol(discard, ProtocolStack.Position.ABOVE, TP.class);
    discard.discardAll(true);
  }

  static void heal(RaftCoordinator coordinator) {
    coordinator.channel().channel().getProtocolStack().removeProtocol(DISCARD.class);
  }

  /** Waits until all know one leader with a majority, and returns its name. */
  String awaitLeader() {
    return awaitLeader(running.keySet().toArray(String[]::new));
  }

  String awaitLeader(String... nodes) {
    await("a leader of " + List.of(nodes) + ", " + describe())
        .atMost(LONG)
        .until(() -> leaderOf(nodes).isPresent());
    return leaderOf(nodes).orElse("none");
  }

  /** Waits until all know one leader that is another one, and returns its name. */
  String awaitOtherLeader(String former) {
    return awaitOtherLeader(former, running.keySet().toArray(String[]::new));
  }

  String awaitOtherLeader(String former, String... nodes) {
    await("a leader but " + former)
        .atMost(LONG)
        .until(() -> leaderOf(nodes).filter(leader -> !leader.equals(former)).isPresent());
    return leaderOf(nodes).orElse("none");
  }

  private Optional<String> leaderOf(String... nodes) {
    List<Leadership> known =
        List.of(nodes).stream().map(node -> get(node).leadership()).distinct().toList();
    return known.size() == 1 && known.get(0).available()
        ? known.get(0).leader().map(NodeId::value)
        : Optional.empty();
  }

  String describe() {
    return running.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue().status())
        .sorted(Comparator.naturalOrder())
        .toList()
        .toString();
  }

  static CommandResult put(RaftCoordinator at, String key, String value) {
    return put(at, key, value, OptionalLong.empty());
  }

  static CommandResult put(RaftCoordinator at, String key, String value, OptionalLong expected) {
    return join(
        at.propose(new ClusterCommand.Put(address(at, key), value, expected), LONG)
            .toCompletableFuture());
  }

  static Optional<RegistryEntry> latest(RaftCoordinator at, String key) {
    return join(at.read(address(at, key), LATEST).toCompletableFuture());
  }

  static RegistryEntry.Address address(RaftCoordinator at, String key) {
    return new RegistryEntry.Address("test", key);
  }

  static <T> T join(CompletableFuture<T> future) {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns where the channel of a node listens. */
  InetSocketAddress address(String node) {
    int host = hosts.computeIfAbsent(node, key -> hosts.size() + 1);
    try {
      return new InetSocketAddress(InetAddress.getByName(network + host), PORT);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ThreadFactory threads(String node) {
    return task -> {
      Thread thread = new Thread(task, "coordinator-" + node);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    stopAll();
  }

  void stopAll() {
    running.values().forEach(RaftCoordinator::close);
    running.clear();
  }
}
