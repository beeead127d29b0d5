package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The plans that the cluster agreed on, and which of them is the one that may run. Thread-safe;
 * what asks the coordinator blocks.
 *
 * <p>There is one place to run in: an entry that names a plan. A plan is begun only after that
 * entry names it, and the entry names another one only when the one before is finished, or can no
 * longer be begun by whoever put it there.
 */
final class AgreedPlans implements AutoCloseable {

  static final String REGISTRY = "plans";

  private static final System.Logger LOG = System.getLogger(AgreedPlans.class.getName());
  private static final RegistryEntry.Address PLACE = new RegistryEntry.Address("plan", "running");
  private static final int MOST_FINISHED = 24;
  private static final int MOST_PREVIEWS = 8;

  /**
   * A plan as it was agreed on.
   *
   * @param plan the plan
   * @param change what it changes
   * @param version the version of its entry
   */
  record Agreed(RebalancePlan plan, OwnershipChange change, long version) {}

  private final ClusterCoordinator coordinator;
  private final Map<String, OwnershipChange.Kind> kinds;
  private final Duration limit;
  private final Watch watch;
  private volatile Map<String, Agreed> known = Map.of();

  AgreedPlans(ClusterCoordinator coordinator, List<OwnershipChange.Kind> kinds, Duration limit) {
    this.coordinator = coordinator;
    this.limit = limit;
    Map<String, OwnershipChange.Kind> byName = new HashMap<>();
    kinds.forEach(kind -> byName.put(kind.name(), kind));
    this.kinds = Map.copyOf(byName);
    this.watch =
        coordinator.watch(
            REGISTRY, change -> learn(change.address().key(), change.entry(), change.index()));
    look();
  }

  /** Looks again at this node's own copy; the watch tells of changes alone. */
  void look() {
    Map<String, Agreed> before = known;
    coordinator
        .list(REGISTRY, ReadConsistency.Local.ofAnyAge())
        .whenComplete(
            (entries, failure) -> {
              if (entries != null) {
                entries.forEach(entry -> learn(entry.address().key(), Optional.of(entry), 0));
                Set<String> there =
                    entries.stream().map(e -> e.address().key()).collect(Collectors.toSet());
                before.forEach(
                    (id, agreed) -> {
                      if (!there.contains(id)) {
                        learn(id, Optional.empty(), agreed.version + 1);
                      }
                    });
              }
            });
  }

  private synchronized void learn(String id, Optional<RegistryEntry> entry, long index) {
    Agreed before = known.get(id);
    boolean news =
        entry
            .map(found -> before == null || before.version < found.version())
            .orElse(before != null && before.version < index);
    if (!news) {
      return;
    }
    Map<String, Agreed> next = new TreeMap<>(known);
    entry
        .flatMap(this::read)
        .ifPresentOrElse(agreed -> next.put(id, agreed), () -> next.remove(id));
    known = Map.copyOf(next);
  }

  private Optional<Agreed> read(RegistryEntry entry) {
    try {
      RebalancePlan plan = RebalancePlan.parse(entry.value());
      return Optional.of(new Agreed(plan, changeOf(plan.kind(), plan.change()), entry.version()));
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "plan {0} cannot be read and is passed over: {1}",
          entry.address().key(),
          e.detail());
      return Optional.empty();
    }
  }

  /** Returns a plan as this node knows it. */
  Optional<Agreed> find(String id) {
    return Optional.ofNullable(known.get(id));
  }

  /** Returns the plan of a work as this node knows it, while that is the part under way. */
  Optional<Agreed> findWork(String work) {
    return find(RebalancePlan.idOf(work)).filter(agreed -> agreed.plan.work().equals(work));
  }

  /** Asks the leader for the plan of a work; empty where another part is under way. */
  Optional<Agreed> latestWork(String work) {
    return latest(RebalancePlan.idOf(work)).filter(agreed -> agreed.plan.work().equals(work));
  }

  /** Reads a change that a plan keeps. */
  OwnershipChange changeOf(String kind, String text) {
    OwnershipChange.Kind known = kinds.get(kind);
    if (known == null) {
      throw WarehouseException.invalid("kind", kind, "this node knows none of that name");
    }
    return known.parse(text);
  }

  /** Returns all plans that this node knows, the latest first. */
  List<Agreed> all() {
    return known.values().stream()
        .sorted(
            Comparator.comparing((Agreed agreed) -> agreed.plan.createdAt())
                .thenComparing(agreed -> agreed.plan.id())
                .reversed())
        .toList();
  }

  /** Returns the plan that was begun and is not finished, as this node knows it. */
  Optional<Agreed> active() {
    return known.values().stream()
        .filter(agreed -> agreed.plan.state().active())
        .min(Comparator.comparing(agreed -> agreed.plan.id()));
  }

  /** Asks the leader for a plan. */
  Optional<Agreed> latest(String id) {
    Optional<RegistryEntry> entry =
        Waiting.on(coordinator.read(addressOf(id), new ReadConsistency.Latest()), limit);
    entry.ifPresent(found -> learn(id, Optional.of(found), 0));
    return entry.flatMap(this::read);
  }

  /** Asks the leader for all plans. */
  List<Agreed> latest() {
    List<RegistryEntry> entries =
        Waiting.on(coordinator.list(REGISTRY, new ReadConsistency.Latest()), limit);
    entries.forEach(entry -> learn(entry.address().key(), Optional.of(entry), 0));
    return entries.stream().flatMap(entry -> read(entry).stream()).toList();
  }

  /** Keeps a new plan, and forgets the eldest of those that are of no use any more. */
  Agreed create(RebalancePlan plan) {
    prune();
    CommandResult result = put(plan, ClusterCommand.ABSENT);
    if (result instanceof CommandResult.Applied applied) {
      return learnt(applied.entry().orElseThrow());
    }
    throw PlanErrors.conflict("there is a plan '" + plan.id() + "' already");
  }

  private void prune() {
    List<Agreed> eldestFirst =
        latest().stream().sorted(Comparator.comparing(agreed -> agreed.plan.createdAt())).toList();
    forget(eldestFirst.stream().filter(a -> a.plan.state().finished()).toList(), MOST_FINISHED);
    forget(
        eldestFirst.stream().filter(a -> a.plan.state() == PlanState.PREVIEW).toList(),
        MOST_PREVIEWS);
  }

  private void forget(List<Agreed> eldestFirst, int kept) {
    for (Agreed old : eldestFirst.subList(0, Math.max(0, eldestFirst.size() - kept))) {
      Waiting.on(
          coordinator.propose(
              new ClusterCommand.Remove(addressOf(old.plan.id()), OptionalLong.of(old.version)),
              limit),
          limit);
    }
  }

  /** Replaces a plan; empty where it is another one by now. */
  Optional<Agreed> replace(Agreed before, RebalancePlan next) {
    CommandResult result = put(next, before.version);
    if (result instanceof CommandResult.Applied applied) {
      return Optional.of(learnt(applied.entry().orElseThrow()));
    }
    ((CommandResult.Conflict) result)
        .standing()
        .ifPresent(entry -> learn(next.id(), Optional.of(entry), 0));
    return Optional.empty();
  }

  private Agreed learnt(RegistryEntry entry) {
    learn(entry.address().key(), Optional.of(entry), 0);
    return read(entry).orElseThrow();
  }

  private CommandResult put(RebalancePlan plan, long expected) {
    return Waiting.on(
        coordinator.propose(
            new ClusterCommand.Put(addressOf(plan.id()), plan.toText(), OptionalLong.of(expected)),
            limit),
        limit);
  }

  /**
   * Makes a plan the one that may run.
   *
   * @throws WarehouseException {@code PLAN_CONFLICT} where another one runs
   */
  void takePlace(String id) {
    Optional<RegistryEntry> standing =
        Waiting.on(coordinator.read(PLACE, new ReadConsistency.Latest()), limit);
    Optional<String> holder = standing.map(RegistryEntry::value).filter(name -> !name.equals(id));
    holder.flatMap(this::latest).ifPresent(this::requireGone);
    CommandResult result =
        Waiting.on(
            coordinator.propose(
                new ClusterCommand.Put(
                    PLACE,
                    id,
                    OptionalLong.of(
                        standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT))),
                limit),
            limit);
    if (!result.applied()) {
      throw PlanErrors.conflict("another plan is just being started");
    }
  }

  private void requireGone(Agreed holder) {
    if (holder.plan.state().active()) {
      throw PlanErrors.conflict(
          "plan '" + holder.plan.id() + "' is " + holder.plan.state() + "; one runs at a time");
    }
    // Whoever is just starting it must find that it has changed.
    if (holder.plan.state() == PlanState.PREVIEW && replace(holder, holder.plan).isEmpty()) {
      throw PlanErrors.conflict("plan '" + holder.plan.id() + "' is just being started");
    }
  }

  private static RegistryEntry.Address addressOf(String id) {
    return new RegistryEntry.Address(REGISTRY, id);
  }

  @Override
  public void close() {
    watch.close();
  }
}
