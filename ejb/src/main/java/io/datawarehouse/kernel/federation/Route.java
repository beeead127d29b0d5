package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.Affinity;
import io.datawarehouse.kernel.affinity.Assignment;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who handles one topic, made ready for choosing. Immutable but for what it looks at: links, health
 * and the guard, all of them in memory.
 */
final class Route implements NodeSignals {

  /** What is asked while a choice is made. */
  record Judges(
      NodeHealthMonitor health,
      PeerGuard guard,
      Predicate<NodeId> inService,
      LastResorts lastResorts) {}

  /** What a node that keeps a key is to the next message of that key. */
  enum Standing {
    /** It takes it. */
    TAKES,
    /** It would, but does not handle the topic, or lets nothing through at the moment. */
    IN_SERVICE,
    /** It left, drains, is not healthy, or cannot be reached. */
    GONE
  }

  /** A node that handles the topic. */
  record Target(PeerNode node, boolean takesRequests, Candidate candidate) {}

  private static final int DEGRADED = 1;
  private static final int NOT_ACTIVE = 2;
  private static final int UNHEALTHY = 4;
  private static final int DRAINS = 8;
  private static final int OFFLINE = 16;

  final Topic topic;
  final boolean ownerOnly;
  final String strategy;

  /** Whether messages without a key stay here where this node handles them. */
  final boolean preferLocal;

  /** What says which messages belong together; null where nothing does. */
  final @Nullable Affinity affinity;

  /** The rule behind that, for explanations. */
  final Optional<Assignment> assignment;

  private final Judges judges;
  private final Target[] targets;

  /** What is under way at each target; one step less to it, as some strategies ask for all. */
  private final AtomicInteger[] inFlight;

  private final int local;
  private final NodeSelector selector;

  /**
   * Makes a route.
   *
   * @param targets the nodes that handle the topic, sorted
   * @param assignment what says which messages belong together
   */
  Route(
      Topic topic,
      boolean ownerOnly,
      List<Target> targets,
      CandidateTable table,
      FederatedMessageBus.Balancing balancing,
      Optional<Assignment> assignment,
      Judges judges) {
    this.topic = topic;
    this.ownerOnly = ownerOnly;
    this.targets = targets.toArray(Target[]::new);
    this.inFlight = targets.stream().map(one -> one.node.inFlight).toArray(AtomicInteger[]::new);
    this.judges = judges;
    this.strategy = balancing.strategy().strategyName();
    this.preferLocal = balancing.preferLocal();
    this.assignment = assignment;
    this.affinity = assignment.flatMap(Assignment::affinity).orElse(null);
    int found = -1;
    for (int i = 0; i < this.targets.length; i++) {
      found = this.targets[i].node.local ? i : found;
    }
    this.local = found;
    this.selector = balancing.strategy().prepare(table, balancing.config());
  }

  /**
   * Returns whether there is nothing to choose: this node alone handles the topic, or nobody does.
   * Where keys stay with nodes even the only one is chosen, so that they stay when others come.
   */
  boolean localOnly() {
    return targets.length == 0 || targets.length == 1 && local == 0 && !remembers();
  }

  private boolean remembers() {
    return affinity != null && affinity.pins() != null;
  }

  List<Target> targets() {
    return List.of(targets);
  }

  NodeSelector selector() {
    return selector;
  }

  /** Returns whether a message may stay here: this node handles the topic and takes requests. */
  boolean canStay() {
    return local >= 0 && targets[local].takesRequests;
  }

  /** Returns whether a node is usable now; one that is chosen and is not is the least bad one. */
  boolean usable(NodeId node) {
    int number = find(node);
    return number >= 0 && usable(number);
  }

  // ---- choosing ---------------------------------------------------------------------------------

  /** Returns the node for a message without a key; null where none is in reach. */
  @Nullable PeerNode balanced(boolean preferLocal, @Nullable RemoteCall call) {
    if (preferLocal && canStay()) {
      return targets[local].node;
    }
    int chosen = selector.select(this);
    if (chosen >= 0 && (call == null || !call.avoids(targets[chosen].node.id))) {
      return targets[chosen].node;
    }
    return lastResort(call, 0);
  }

  /** Returns the node for a message with a key: the first owner that is usable and handles it. */
  @Nullable PeerNode affine(List<NodeId> owners, long hash, @Nullable RemoteCall call) {
    PeerNode chosen = usableFor(owners, hash, call);
    return chosen == null ? lastResort(call, hash) : chosen;
  }

  /** Returns the node that a message with a key would go to; nobody is told of it. */
  @Nullable PeerNode wouldBeAffine(List<NodeId> owners, long hash) {
    PeerNode chosen = usableFor(owners, hash, null);
    return chosen == null ? leastBad(null, hash) : chosen;
  }

  private @Nullable PeerNode usableFor(List<NodeId> owners, long hash, @Nullable RemoteCall call) {
    for (int i = 0; i < owners.size(); i++) {
      int number = find(owners.get(i));
      if (number >= 0 && usable(number) && !avoided(number, call)) {
        return targets[number].node;
      }
    }
    // None of the owners: the same other node for everybody who asks.
    int best = -1;
    long bestScore = 0;
    for (int number = 0; number < targets.length; number++) {
      if (usable(number) && !avoided(number, call)) {
        long score = score(hash, number);
        if (best < 0 || score > bestScore) {
          best = number;
          bestScore = score;
        }
      }
    }
    return best >= 0 ? targets[best].node : null;
  }

  private long score(long hash, int number) {
    return KeyHash.mix(hash ^ KeyHash.mix(KeyHash.of(targets[number].node.id.value())));
  }

  /**
   * Returns the owner where it is in reach; null where it is away. It is asked also while it drains
   * or looks ill: nobody else has what it has. Whether the guard lets anything through to it is
   * another question, {@link #admits}.
   */
  @Nullable PeerNode owner(NodeId owner) {
    int number = find(owner);
    if (number < 0) {
      return null;
    }
    PeerNode node = targets[number].node;
    return node.local || reachableOwner(node) ? node : null;
  }

  private boolean reachableOwner(PeerNode node) {
    return node.link != null
        && !node.draining
        && judges.health.health(node.id) != NodeHealth.OFFLINE;
  }

  /** Returns whether the guard lets messages through to a node now; nobody is told of it. */
  boolean admits(PeerNode node) {
    return node.local || judges.guard.admits(node.id, topic);
  }

  /**
   * Returns why the guard lets no message through to a node now, which counts as one that it
   * refused; null where it would.
   */
  @Nullable WarehouseException refusalOf(PeerNode node) {
    return admits(node) ? null : judges.guard.refusal(node.id, topic);
  }

  /** Returns this node; null where it does not handle the topic. */
  @Nullable PeerNode here() {
    return local >= 0 ? targets[local].node : null;
  }

  /** Returns the least bad node that is in reach at all; null where none is. Tells nobody. */
  @Nullable PeerNode leastBad() {
    return leastBad(null, 0);
  }

  /** Returns the least bad node for a message, and tells of it; null where none is in reach. */
  private @Nullable PeerNode lastResort(@Nullable RemoteCall call, long hash) {
    PeerNode node = leastBad(call, hash);
    if (node != null) {
      judges.lastResorts.took(topic, node.id, () -> excludedBecause(find(node.id)));
    }
    return node;
  }

  private @Nullable PeerNode leastBad(@Nullable RemoteCall call, long hash) {
    int best = leastBad(call, hash, true);
    return best < 0 ? null : targets[best].node;
  }

  /**
   * Returns why a message cannot be sent though nodes are in reach: what the guard says of the
   * least bad one; null where none is in reach.
   */
  @Nullable WarehouseException refusal(@Nullable RemoteCall call) {
    int best = leastBad(call, 0, false);
    return best < 0 ? null : judges.guard.refusal(targets[best].node.id, topic);
  }

  /**
   * Returns the number of the least bad one in reach; negative where there is none.
   *
   * @param admitted whether it must be one that the guard lets through, or one that it does not
   */
  private int leastBad(@Nullable RemoteCall call, long hash, boolean admitted) {
    int best = -1;
    int bestRank = Integer.MAX_VALUE;
    long bestScore = 0;
    for (int number = 0; number < targets.length; number++) {
      PeerNode node = targets[number].node;
      if (avoided(number, call) || !node.reachable() || admits(node) != admitted) {
        continue;
      }
      int rank = rank(number);
      long score = score(hash, number);
      if (rank < bestRank || rank == bestRank && score > bestScore) {
        best = number;
        bestRank = rank;
        bestScore = score;
      }
    }
    return best;
  }

  /**
   * Returns how bad a node is. Each number is more than all that is less bad together: one that
   * says nothing any more is worse than one that says it takes no requests, which refuses them at
   * once; that is worse than one that fails most, and that worse than one that only comes or goes.
   */
  private int rank(int number) {
    Target target = targets[number];
    return (target.node.draining ? DRAINS : 0)
        + (target.takesRequests ? 0 : NOT_ACTIVE)
        + switch (judges.health.health(target.node.id)) {
          case HEALTHY, UNKNOWN -> 0;
          case DEGRADED -> DEGRADED;
          case UNHEALTHY -> UNHEALTHY;
          case OFFLINE -> OFFLINE;
        };
  }

  /** Returns what a node that keeps a key is to the next message of that key. */
  Standing standing(NodeId keeper) {
    int number = find(keeper);
    if (number >= 0 && usable(number)) {
      return Standing.TAKES;
    }
    boolean serves = number < 0 ? judges.inService.test(keeper) : inService(number);
    return serves ? Standing.IN_SERVICE : Standing.GONE;
  }

  /** Returns a node that handles the topic; null where that one does not. */
  @Nullable PeerNode node(NodeId id) {
    int number = find(id);
    return number < 0 ? null : targets[number].node;
  }

  private boolean avoided(int number, @Nullable RemoteCall call) {
    return call != null && call.avoids(targets[number].node.id);
  }

  private int find(NodeId node) {
    for (int number = 0; number < targets.length; number++) {
      if (targets[number].node.id.equals(node)) {
        return number;
      }
    }
    return -1;
  }

  /** Returns why a candidate is left out; empty where it is not. */
  String excludedBecause(int number) {
    Target target = targets[number];
    List<String> reasons = new ArrayList<>();
    if (!target.takesRequests) {
      reasons.add("its membership is not active");
    }
    if (!target.node.local && target.node.link == null) {
      reasons.add("there is no link with it");
    }
    if (target.node.draining) {
      reasons.add("it takes no new requests");
    }
    NodeHealth health = judges.health.health(target.node.id);
    if (!health.usable()) {
      reasons.add("its health is " + health);
    }
    if (!admits(target.node)) {
      reasons.add("its circuit breaker or bulkhead lets nothing through");
    }
    return String.join(", ", reasons);
  }

  // ---- signals ----------------------------------------------------------------------------------

  @Override
  public int size() {
    return targets.length;
  }

  @Override
  public boolean usable(int number) {
    PeerNode node = targets[number].node;
    return inService(number) && admits(node);
  }

  private boolean inService(int number) {
    Target target = targets[number];
    return target.takesRequests && target.node.inService(judges.health);
  }

  @Override
  public int inFlight(int number) {
    return inFlight[number].get();
  }

  @Override
  public long latencyNanos(int number) {
    return targets[number].node.signals.latencyNanos();
  }

  @Override
  public double cpuPercent(int number) {
    NodeLoad load = targets[number].node.signals.load();
    return load == null ? Double.NaN : load.cpuPercent();
  }

  @Override
  public double memoryPercent(int number) {
    NodeLoad load = targets[number].node.signals.load();
    return load == null ? Double.NaN : load.memoryPercent();
  }

  @Override
  public double diskPercent(int number) {
    NodeLoad load = targets[number].node.signals.load();
    return load == null ? Double.NaN : load.diskPercent();
  }

  @Override
  public double requestsPerSecond(int number) {
    NodeLoad load = targets[number].node.signals.load();
    return load == null ? Double.NaN : load.requestsPerSecond();
  }

  @Override
  public double warmth(int number) {
    return targets[number].node.signals.warmth();
  }
}
