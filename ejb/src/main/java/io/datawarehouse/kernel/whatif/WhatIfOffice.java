package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Answers what would be if other settings were in force or other nodes there, by replaying requests
 * in a simulation. Touches nothing: strategies are made anew from a seed, signals are simulated,
 * and of settings, nodes and placement it takes what they are at this moment. Thread-safe; works on
 * as many questions at a time as its threads are, and refuses others.
 */
public final class WhatIfOffice {

  /** How long one question may take. */
  public static final Duration LIMIT = Duration.ofSeconds(20);

  private static final long MOST_EVENTS = 5_000_000;
  private static final double NANOS_PER_MILLI = 1e6;

  /** Senders draw from sequences of their own. */
  private static final long BETWEEN_SEEDS = 0x9e3779b97f4a7c15L;

  /**
   * What it works with.
   *
   * @param balancing the settings in force
   * @param cluster the nodes and who owns what
   * @param recorder the requests that this node sent
   * @param recordings the requests that all nodes sent
   * @param clock tells the time
   * @param threads where simulations run, so that no thread of the bus does
   */
  public record Options(
      BalancingOffice balancing,
      ClusterContext cluster,
      LoadRecorder recorder,
      Recordings recordings,
      Clock clock,
      ExecutorService threads) {}

  private final Options options;
  private final AtomicBoolean free = new AtomicBoolean(true);

  /** Makes an office. */
  public WhatIfOffice(Options options) {
    this.options = options;
  }

  /**
   * Answers a question, and waits for that.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the field; {@code NO_RECORDED_LOAD};
   *     {@code BULKHEAD_FULL} while others are answered; {@code TIMEOUT} and {@code TOO_LARGE}
   *     where it is too much work
   */
  public WhatIfAnswer answer(WhatIfQuestion question) {
    if (!free.compareAndSet(true, false)) {
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, "another simulation is running; try again later");
    }
    AtomicBoolean begun = new AtomicBoolean();
    Future<WhatIfAnswer> answer;
    try {
      answer = options.threads.submit(() -> alone(question, begun));
    } catch (RejectedExecutionException e) {
      free.set(true);
      throw stopping();
    }
    try {
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(true);
      if (begun.compareAndSet(false, true)) {
        free.set(true);
      }
      Thread.currentThread().interrupt();
      throw stopping();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw new WarehouseException(
          StandardErrorCode.INTERNAL_ERROR, "the simulation failed", e.getCause());
    }
  }

  private static WarehouseException stopping() {
    return new WarehouseException(StandardErrorCode.UNAVAILABLE, "the node is stopping");
  }

  /** Whoever sets that it has begun lets the next one in: this, or the one who gave up before. */
  private WhatIfAnswer alone(WhatIfQuestion question, AtomicBoolean begun) {
    if (!begun.compareAndSet(false, true)) {
      throw stopping();
    }
    try {
      return simulated(question);
    } finally {
      free.set(true);
    }
  }

  private WhatIfAnswer simulated(WhatIfQuestion question) {
    BalancingOffice.InForce after = options.balancing.preview(question.settings());
    Recordings.Gathered gathered = gathered(question);
    List<Recorded> sample = sample(gathered);
    Map<NodeId, Double> speeds = new HashMap<>(Traces.speeds(sample));
    List<Scene.Node> known = nodesNow(speeds);
    List<Scene.Node> wanted = changed(known, question.nodes());
    List<Scene.Node> present = withSpeeds(known, question.nodes().speeds());
    List<NodeId> owners = owners();
    Scene now = new Scene(present, owners, options.balancing.inForce(), question.keys());
    Scene then = new Scene(wanted, ownersThen(now, wanted, owners), after, question.keys());
    List<TracedRequest> requests = trace(question, gathered, sample, owners, speeds);
    List<NodeId> senders = gathered.recordings().stream().map(Recordings.Recording::node).toList();
    BooleanSupplier stop = stop();
    LoadSimulation.Outcome before = run(now, senders, requests, question, stop);
    LoadSimulation.Outcome simulated = run(then, senders, requests, question, stop);
    boolean given = question.trace().isPresent();
    return new WhatIfAnswer(
        described(given, gathered, sample, requests),
        given ? List.of() : gathered.recordings().stream().map(this::shown).toList(),
        gathered.missing().stream().map(NodeId::value).toList(),
        Figures.of(now, before),
        Figures.of(then, simulated),
        movement(now, then, requests, before, simulated),
        question.seed(),
        question.speed(),
        question.concurrency(),
        question.keys().name().toLowerCase(Locale.ROOT),
        notes(question, gathered));
  }

  private BooleanSupplier stop() {
    long begin = options.recorder.now();
    return () ->
        Thread.currentThread().isInterrupted() || options.recorder.now() - begin > LIMIT.toNanos();
  }

  private static LoadSimulation.Outcome run(
      Scene scene,
      List<NodeId> senders,
      List<TracedRequest> requests,
      WhatIfQuestion question,
      BooleanSupplier stop) {
    List<LoadSimulation.Choice> choices = new ArrayList<>();
    for (NodeId sender : senders) {
      choices.add(scene.choice(sender, question.seed() + choices.size() * BETWEEN_SEEDS));
    }
    return LoadSimulation.run(
        new LoadSimulation.Plan(
            scene.nodes().stream()
                .map(node -> new LoadSimulation.Server(node.speed(), question.concurrency()))
                .toList(),
            requests,
            choices,
            MOST_EVENTS,
            stop));
  }

  // ---- what is replayed -------------------------------------------------------------------------

  /** Who gives a trace needs no recordings; what this node knows tells how fast nodes are. */
  private Recordings.Gathered gathered(WhatIfQuestion question) {
    NodeId self = options.cluster.localNodeId();
    return options.recordings.gather(
        question.trace().isPresent()
            ? List.of(self)
            : question.senders().map(this::senders).orElseGet(this::active));
  }

  private List<NodeId> active() {
    List<NodeId> active =
        options.cluster.membership().view().active().stream()
            .map(ClusterNode::id)
            .sorted()
            .limit(WhatIfQuestion.MOST_NODES)
            .toList();
    return active.isEmpty() ? List.of(options.cluster.localNodeId()) : active;
  }

  private List<NodeId> senders(List<String> names) {
    Set<NodeId> active = new TreeSet<>(active());
    return names.stream()
        .map(name -> known(WhatIfQuestion.SENDERS, name, active))
        .sorted()
        .toList();
  }

  /** All that was recorded, the oldest first. */
  private static List<Recorded> sample(Recordings.Gathered gathered) {
    return gathered.recordings().stream()
        .flatMap(recording -> recording.sample().stream())
        .sorted(Comparator.comparingLong(Recorded::atNanos))
        .toList();
  }

  private List<TracedRequest> trace(
      WhatIfQuestion question,
      Recordings.Gathered gathered,
      List<Recorded> sample,
      List<NodeId> owners,
      Map<NodeId, Double> speeds) {
    SplittableRandom random = new SplittableRandom(question.seed());
    if (question.trace().isPresent()) {
      return Traces.given(
          question.trace().get(), Traces.meanMillis(sample), question.speed(), random);
    }
    if (sample.isEmpty()) {
      throw new WarehouseException(StandardErrorCode.NO_RECORDED_LOAD, nothing(gathered));
    }
    return Traces.recorded(
        gathered.recordings().stream().map(Recordings.Recording::sample).toList(),
        owners,
        speeds,
        question.speed(),
        random);
  }

  private static String nothing(Recordings.Gathered gathered) {
    boolean off =
        !gathered.recordings().isEmpty()
            && gathered.recordings().stream().noneMatch(Recordings.Recording::enabled);
    String why =
        off
            ? "dw.load-balancing.recording is false; give a trace"
            : "no requests were recorded in the last load window; send some, or give a trace";
    return gathered.missing().isEmpty()
        ? why
        : why + "; nodes " + gathered.missing() + " did not answer";
  }

  private WhatIfAnswer.Recording shown(Recordings.Recording recording) {
    List<Recorded> sample = recording.sample();
    return new WhatIfAnswer.Recording(
        recording.node().value(),
        recording.enabled(),
        sample.stream().mapToLong(Recorded::standsFor).sum(),
        sample.size(),
        sample.isEmpty() ? Optional.empty() : Optional.of(timeOf(sample.get(0))),
        sample.isEmpty() ? Optional.empty() : Optional.of(timeOf(sample.get(sample.size() - 1))),
        Figures.rounded(recording.withinNanos() / NANOS_PER_MILLI));
  }

  private Instant timeOf(Recorded one) {
    return options.clock.instant().minusNanos(options.recorder.now() - one.atNanos());
  }

  private static WhatIfAnswer.Trace described(
      boolean given,
      Recordings.Gathered gathered,
      List<Recorded> sample,
      List<TracedRequest> requests) {
    double seconds =
        (requests.get(requests.size() - 1).atMillis() - requests.get(0).atMillis()) / 1_000;
    return new WhatIfAnswer.Trace(
        given ? "given" : "recorded",
        given ? List.of() : recordedBy(gathered),
        requests.size(),
        given ? 0 : sample.size(),
        (int) requests.stream().filter(TracedRequest::keyed).count(),
        Figures.rounded(seconds),
        seconds > 0 ? Figures.rounded(requests.size() / seconds) : requests.size());
  }

  private static List<String> recordedBy(Recordings.Gathered gathered) {
    return gathered.recordings().stream()
        .filter(recording -> !recording.sample().isEmpty())
        .map(recording -> recording.node().value())
        .toList();
  }

  private static List<String> notes(WhatIfQuestion question, Recordings.Gathered gathered) {
    List<String> notes = new ArrayList<>();
    notes.add("every node is taken to handle every topic, to be healthy and to be warm");
    if (question.trace().isEmpty()) {
      notes.add(
          "how long a request takes is taken from its recorded latency, which holds the time that"
              + " it waited then");
    }
    if (question.senders().isPresent()) {
      notes.add("what other nodes sent than those that were named is not replayed");
    }
    if (!gathered.missing().isEmpty()) {
      notes.add(
          "what nodes " + gathered.missing() + " sent is not replayed, as they did not answer");
    }
    if (question.keys() == WhatIfQuestion.Keys.OWNER) {
      notes.add(
          "requests with a key go to the owner of its segment, whatever the algorithm is; recorded"
              + " ones that went elsewhere, as the sharding of their bucket says, stay there");
    }
    if (question.settings().containsKey("sharding")) {
      notes.add("sharding is for buckets that are made later; those that are there keep theirs");
    }
    return notes;
  }

  // ---- nodes ------------------------------------------------------------------------------------

  private List<Scene.Node> nodesNow(Map<NodeId, Double> speeds) {
    NodeId self = options.cluster.localNodeId();
    List<Scene.Node> nodes = new ArrayList<>();
    for (ClusterNode node : options.cluster.membership().view().active()) {
      nodes.add(
          new Scene.Node(
              node.id(),
              node.descriptor().weight(),
              node.descriptor().zone(),
              speeds.getOrDefault(node.id(), 1.0)));
    }
    if (nodes.isEmpty()) {
      nodes.add(new Scene.Node(self, 1, NodeDescriptor.DEFAULT_ZONE, 1));
    }
    return sorted(nodes);
  }

  private static List<Scene.Node> sorted(List<Scene.Node> nodes) {
    SortedMap<NodeId, Scene.Node> byId = new TreeMap<>();
    nodes.forEach(node -> byId.put(node.id(), node));
    return List.copyOf(byId.values());
  }

  private static List<Scene.Node> withSpeeds(List<Scene.Node> nodes, Map<String, Double> speeds) {
    return nodes.stream()
        .map(
            node ->
                new Scene.Node(
                    node.id(),
                    node.weight(),
                    node.zone(),
                    speeds.getOrDefault(node.id().value(), node.speed())))
        .toList();
  }

  private static List<Scene.Node> changed(List<Scene.Node> now, WhatIfQuestion.Nodes changes) {
    SortedMap<NodeId, Scene.Node> nodes = new TreeMap<>();
    now.forEach(node -> nodes.put(node.id(), node));
    for (String id : changes.remove()) {
      if (nodes.remove(known("nodes.remove", id, nodes.keySet())) == null) {
        throw WarehouseException.invalid("nodes.remove", id, "name each node once");
      }
    }
    for (WhatIfQuestion.Added added : changes.add()) {
      NodeId id = node("nodes.add.id", added.id());
      Scene.Node made = new Scene.Node(id, added.weight(), added.zone(), 1);
      if (now.stream().anyMatch(node -> node.id().equals(id)) || nodes.put(id, made) != null) {
        throw WarehouseException.invalid(
            "nodes.add.id", added.id(), "there is such a node already");
      }
    }
    if (nodes.isEmpty() || nodes.size() > WhatIfQuestion.MOST_NODES) {
      throw WarehouseException.invalid(
          "nodes", nodes.size() + " nodes", "leave 1 to " + WhatIfQuestion.MOST_NODES);
    }
    changes
        .weights()
        .forEach(
            (name, weight) ->
                nodes.computeIfPresent(
                    known("nodes.weights", name, nodes.keySet()),
                    (id, node) -> new Scene.Node(id, weight, node.zone(), node.speed())));
    changes.speeds().keySet().forEach(name -> known("nodes.speeds", name, nodes.keySet()));
    return withSpeeds(List.copyOf(nodes.values()), changes.speeds());
  }

  private static NodeId known(String field, String name, Set<NodeId> nodes) {
    NodeId id = node(field, name);
    if (!nodes.contains(id)) {
      throw WarehouseException.invalid(
          field, name, "there is no such node; there are " + new ArrayList<>(nodes));
    }
    return id;
  }

  private static NodeId node(String field, String name) {
    try {
      return new NodeId(name);
    } catch (WarehouseException e) {
      throw WarehouseException.invalid(field, name, "this is no node's identity: " + e.detail());
    }
  }

  // ---- keys and segments ------------------------------------------------------------------------

  private List<NodeId> owners() {
    Placement placement = options.cluster.placement();
    List<NodeId> owners = new ArrayList<>(placement.segments());
    for (int segment = 0; segment < placement.segments(); segment++) {
      owners.add(placement.owners(segment).get(0));
    }
    return owners;
  }

  /** What the nodes own only changes where nodes or weights do. */
  private static List<NodeId> ownersThen(Scene now, List<Scene.Node> wanted, List<NodeId> owners) {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    wanted.forEach(node -> weights.put(node.id(), node.weight()));
    return weights.equals(now.weights()) ? owners : SegmentShift.of(owners, weights);
  }

  private static WhatIfAnswer.Movement movement(
      Scene now,
      Scene then,
      List<TracedRequest> requests,
      LoadSimulation.Outcome before,
      LoadSimulation.Outcome after) {
    Map<Long, NodeId> homes = new HashMap<>();
    Map<Long, NodeId> newHomes = new HashMap<>();
    for (int number = 0; number < requests.size(); number++) {
      TracedRequest request = requests.get(number);
      if (request.keyed()) {
        homes.putIfAbsent(request.keyHash(), now.nodes().get(before.nodes()[number]).id());
        newHomes.putIfAbsent(request.keyHash(), then.nodes().get(after.nodes()[number]).id());
      }
    }
    Set<Long> moved = new HashSet<>(homes.keySet());
    moved.removeIf(
        key -> Optional.ofNullable(homes.get(key)).equals(Optional.ofNullable(newHomes.get(key))));
    long keyed = requests.stream().filter(TracedRequest::keyed).count();
    List<TracedRequest> theirs =
        requests.stream().filter(one -> one.keyed() && moved.contains(one.keyHash())).toList();
    int segments = now.owners().size();
    int movedSegments = 0;
    for (int segment = 0; segment < segments; segment++) {
      movedSegments += now.owners().get(segment).equals(then.owners().get(segment)) ? 0 : 1;
    }
    return new WhatIfAnswer.Movement(
        homes.size(),
        moved.size(),
        homes.isEmpty() ? 0 : Figures.rounded((double) moved.size() / homes.size()),
        keyed == 0 ? 0 : Figures.rounded((double) theirs.size() / keyed),
        theirs.stream().mapToLong(TracedRequest::bytes).sum(),
        segments,
        movedSegments);
  }
}
