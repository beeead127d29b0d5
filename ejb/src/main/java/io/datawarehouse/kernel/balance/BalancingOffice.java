package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.kernel.affinity.AffinityRules;
import io.datawarehouse.sdk.balance.AdaptiveChoice;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Knows which strategy is in force with which settings, lets operators change that while the node
 * runs, and tells why it is so. Thread-safe.
 *
 * <p>A strategy is looked for among those that run. Where the wanted one does not, the kernel's own
 * round robin chooses, and the status says so: balancing never stands still for want of a plugin.
 */
public final class BalancingOffice implements BalancingGate {

  private static final System.Logger LOG = System.getLogger(BalancingOffice.class.getName());
  private static final double MINUTE = 60;

  /**
   * What it works with.
   *
   * @param usualTier the tier where nobody sets one
   * @param configured what the configuration of this node sets
   * @param strategies those that run, in the order in which they started
   * @param affinities the providers of affinity that run, in the order in which they started
   * @param ticker nanoseconds that only grow
   */
  public record Options(
      DeploymentTier usualTier,
      Map<BalancingSetting, String> configured,
      Supplier<List<LoadBalancerStrategy>> strategies,
      Supplier<List<AffinityProvider>> affinities,
      LongSupplier ticker) {

    /** Copies. */
    public Options {
      configured = Map.copyOf(configured);
    }
  }

  /**
   * What chooses.
   *
   * @param strategy the strategy
   * @param settings the settings that it is prepared with
   * @param affinity what says which messages belong together
   */
  public record InForce(
      LoadBalancerStrategy strategy, BalancingSettings settings, AffinityPolicy affinity) {}

  /** All that is decided, at one moment. Immutable. */
  private record Standing(
      BalancingSettings settings,
      StandingOrders orders,
      ModeDecision decision,
      ModeDecision.Figures figures) {

    /**
     * Returns the strategy's name; which one is the tier's choice where nothing may follow load.
     */
    String algorithm() {
      LoadBalancingConfig config = settings.config();
      boolean held =
          config.algorithm().equals(BalancingAlgorithms.ADAPTIVE)
              && decision.mode() == BalancingMode.MANUAL;
      return held ? AdaptiveChoice.preferredBy(config.tier()).algorithm() : config.algorithm();
    }

    /** Returns the same under other settings; who changed what decides has it decided anew. */
    Standing with(BalancingSettings other, StandingOrders ordered, long now) {
      LoadBalancingConfig before = settings.config();
      LoadBalancingConfig after = other.config();
      boolean otherRule = after.mode() != before.mode() || after.tier() != before.tier();
      return new Standing(
          other,
          ordered,
          otherRule ? ModeDecision.anew(after, figures) : decision.next(after, figures, now),
          figures);
    }
  }

  private final Options options;
  private final LoadBalancerStrategy own = new RoundRobinLoadBalancer();
  private final StrategyTuning tuning;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<OperatorOrders> orders = Optional.empty();

  /** Replaced under the lock of this, read without. */
  private volatile Standing standing;

  /**
   * Makes an office in which configuration and tier alone count at first.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} for a configured value that is not allowed
   */
  public BalancingOffice(Options options) {
    this.options = options;
    this.tuning = new StrategyTuning(options.strategies);
    BalancingSettings settings =
        BalancingSettings.resolve(options.usualTier, options.configured, Map.of());
    this.standing =
        new Standing(
            settings,
            StandingOrders.NONE,
            ModeDecision.anew(settings.config(), ModeDecision.Figures.UNKNOWN),
            ModeDecision.Figures.UNKNOWN);
  }

  /** Follows what operators set from now on. Called once. */
  public Watch follow(OperatorOrders found) {
    orders = Optional.of(found);
    Watch watch = found.watch(this::renew);
    renew();
    return watch;
  }

  @Override
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * Looks at strategies and providers of affinity anew, as the plugins run now.
   *
   * @throws WarehouseException {@code BOOT_FAILED} where the configuration names one that is not
   *     there; the error lists those that are
   */
  public void open() {
    String configured = options.configured.get(BalancingSetting.ALGORITHM);
    if (configured != null && find(configured).isEmpty()) {
      throw missing(BalancingSetting.ALGORITHM, configured, algorithms());
    }
    notRunning(AffinityRules.parse(options.configured.getOrDefault(BalancingSetting.AFFINITY, "")))
        .ifPresent(
            name -> {
              throw missing(BalancingSetting.AFFINITY, name, affinities());
            });
    warnOfMissing();
    listeners.forEach(Runnable::run);
  }

  private static WarehouseException missing(
      BalancingSetting setting, String wanted, List<String> names) {
    return new WarehouseException(
        StandardErrorCode.BOOT_FAILED,
        "%s is %s: %s".formatted(setting.key(), WarehouseException.shown(wanted), oneOf(names)));
  }

  private void warnOfMissing() {
    String wanted = standing.algorithm();
    if (find(wanted).isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "strategy {0} does not run; {1} chooses in its place",
          wanted,
          own.strategyName());
    }
    notRunning(standing.settings.affinity())
        .ifPresent(
            name ->
                LOG.log(
                    System.Logger.Level.WARNING,
                    "affinity {0} does not run; messages of its topics go as if to nothing",
                    name));
    tuning.warn(standing.orders);
  }

  private StandingOrders ordered() {
    return orders.map(OperatorOrders::standing).orElse(StandingOrders.NONE);
  }

  private void renew() {
    StandingOrders ordered = ordered();
    try {
      BalancingSettings settings =
          BalancingSettings.resolve(options.usualTier, options.configured, ordered.settings());
      synchronized (this) {
        standing = standing.with(settings, ordered, options.ticker.getAsLong());
      }
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "settings of balancing do not fit this node; the last ones stay in force: {0}",
          e.detail());
      return;
    }
    listeners.forEach(Runnable::run);
  }

  /** Returns the settings in force. */
  public BalancingSettings settings() {
    return standing.settings;
  }

  /** Returns what chooses now. */
  public InForce inForce() {
    Standing now = standing;
    return inForce(now, tuning.tuned(chosen(now), now.orders));
  }

  private LoadBalancerStrategy chosen(Standing now) {
    return find(now.algorithm()).orElse(own);
  }

  private InForce inForce(Standing now, LoadBalancerStrategy strategy) {
    return new InForce(
        strategy,
        now.settings,
        new AffinityPolicy(now.settings.affinity(), options.affinities.get()));
  }

  // ---- who decides ---------------------------------------------------------------------------

  @Override
  public BalancingMode mode() {
    return standing.decision.mode();
  }

  /** Looks how big the installation is and how much it does; to be called about once a second. */
  public void observe(ClusterContext cluster) {
    double perSecond = loads(cluster).stream().mapToDouble(NodeLoad::requestsPerSecond).sum();
    ModeDecision.Figures seen =
        new ModeDecision.Figures(cluster.membership().view().active().size(), perSecond * MINUTE);
    Standing before;
    Standing after;
    synchronized (this) {
      before = standing;
      BalancingSettings settings = before.settings;
      after =
          new Standing(
              settings,
              before.orders,
              before.decision.next(settings.config(), seen, options.ticker.getAsLong()),
              seen);
      standing = after;
    }
    if (after.decision.mode() != before.decision.mode()) {
      LOG.log(
          System.Logger.Level.INFO,
          "the mode of balancing is {0} from now on, as {1}",
          after.decision.mode().id(),
          new BalancingReasons(after.settings, after.decision, seen).mode());
      listeners.forEach(Runnable::run);
    }
  }

  // ---- strategies ----------------------------------------------------------------------------

  private Optional<LoadBalancerStrategy> find(String name) {
    Optional<LoadBalancerStrategy> running =
        options.strategies.get().stream()
            .filter(strategy -> strategy.strategyName().equals(name))
            .findFirst();
    return running.or(() -> Optional.of(own).filter(mine -> mine.strategyName().equals(name)));
  }

  /** Returns the names of all strategies that can be chosen, sorted. */
  public List<String> algorithms() {
    TreeSet<String> names = new TreeSet<>();
    names.add(own.strategyName());
    options.strategies.get().forEach(strategy -> names.add(strategy.strategyName()));
    return List.copyOf(names);
  }

  /** Returns the names of all providers of affinity that run, sorted. */
  public List<String> affinities() {
    return options.affinities.get().stream()
        .map(AffinityProvider::affinityName)
        .distinct()
        .sorted()
        .toList();
  }

  /** Returns a provider that rules name and that does not run, if there is one. */
  private Optional<String> notRunning(AffinityRules rules) {
    List<String> running = affinities();
    return rules.providers().stream().filter(name -> !running.contains(name)).findFirst();
  }

  private static String oneOf(List<String> names) {
    return names.isEmpty() ? "none is installed" : "use one of " + String.join(", ", names);
  }

  /**
   * Has an operator set what is named; the rest stays as it is. Waits until that is durable.
   *
   * @param changes by the names of settings; empty takes back what an operator set before
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the setting and what is allowed
   */
  public void order(Map<String, Optional<Object>> changes) {
    OrderChange change = checked(changes, ordered());
    orders
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.UNAVAILABLE, "the node has not started yet"))
        .change(
            standing -> {
              StandingOrders next = change.over(standing);
              BalancingSettings.resolve(options.usualTier, options.configured, next.settings());
              tuning.require(change.strategies(), next);
              return next;
            });
  }

  /**
   * Returns what would choose if an operator set what is named, and the mode were decided anew
   * where that hangs on it; nothing is set.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} as for {@link #order}
   */
  public InForce preview(Map<String, Optional<Object>> changes) {
    StandingOrders ordered = ordered();
    OrderChange change = checked(changes, ordered);
    StandingOrders next = change.over(ordered);
    BalancingSettings settled =
        BalancingSettings.resolve(options.usualTier, options.configured, next.settings());
    tuning.require(change.strategies(), next);
    Standing then = standing.with(settled, next, options.ticker.getAsLong());
    return inForce(then, tuning.tried(chosen(then), next));
  }

  private OrderChange checked(Map<String, Optional<Object>> changes, StandingOrders before) {
    Map<String, Optional<Object>> plain = new HashMap<>(changes);
    plain.remove(StrategyTuning.FIELD);
    return new OrderChange(
        checked(plain),
        changes.containsKey(StrategyTuning.FIELD)
            ? tuning.read(changes.getOrDefault(StrategyTuning.FIELD, Optional.empty()), before)
            : OrderChange.OfStrategies.NOTHING);
  }

  private Map<BalancingSetting, Optional<String>> checked(Map<String, Optional<Object>> changes) {
    Map<BalancingSetting, Optional<String>> checked = OrderReader.read(changes);
    Optional<String> algorithm = checked.getOrDefault(BalancingSetting.ALGORITHM, Optional.empty());
    if (algorithm.isPresent() && find(algorithm.get()).isEmpty()) {
      throw WarehouseException.invalid(
          BalancingSetting.ALGORITHM.field(), algorithm.get(), oneOf(algorithms()));
    }
    checked
        .getOrDefault(BalancingSetting.AFFINITY, Optional.empty())
        .flatMap(text -> notRunning(AffinityRules.parse(text)))
        .ifPresent(
            name -> {
              throw WarehouseException.invalid(
                  BalancingSetting.AFFINITY.field(), name, oneOf(affinities()));
            });
    return checked;
  }

  // ---- telling -------------------------------------------------------------------------------

  /** Returns what is in force and why. */
  public BalancingStatus status(ClusterContext cluster) {
    Standing now = standing;
    BalancingReasons reasons = new BalancingReasons(now.settings, now.decision, now.figures);
    Map<String, BalancingStatus.Value> values = new LinkedHashMap<>();
    for (BalancingSetting setting : BalancingSetting.values()) {
      values.put(
          setting.field(),
          new BalancingStatus.Value(now.settings.value(setting), reasons.origin(setting).label()));
    }
    Why algorithm = algorithm(now, reasons, loads(cluster));
    return new BalancingStatus(
        now.decision.mode().id(),
        reasons.mode(),
        algorithm.name,
        algorithm.because,
        algorithms(),
        affinities(),
        values,
        tuning.shown(now.orders));
  }

  private static List<NodeLoad> loads(ClusterContext cluster) {
    return cluster.health().reports().stream()
        .map(HealthReport::load)
        .flatMap(Optional::stream)
        .toList();
  }

  /** A name and a reason. */
  private record Why(String name, String because) {}

  private Why algorithm(Standing now, BalancingReasons reasons, List<NodeLoad> loads) {
    DeploymentTier tier = now.settings.config().tier();
    String wanted = now.settings.config().algorithm();
    String set = reasons.setBy(BalancingSetting.ALGORITHM);
    boolean held = !wanted.equals(now.algorithm());
    if (find(now.algorithm()).isEmpty()) {
      return new Why(
          own.strategyName(),
          now.algorithm()
              + " does not run on this node, though "
              + (held ? "the tier prefers it" : set)
              + "; this one does in its place");
    }
    if (held) {
      return new Why(
          now.algorithm(),
          "adaptive, but the mode is manual: what the tier %s prefers stays, whatever the load"
              .formatted(tier.id()));
    }
    if (!wanted.equals(BalancingAlgorithms.ADAPTIVE)) {
      return new Why(wanted, set);
    }
    AdaptiveChoice choice = BalancingReasons.adaptive(tier, loads);
    return new Why(
        choice.algorithm(),
        "adaptive: "
            + choice.because()
            + ", by what the nodes say of themselves; each topic is"
            + " judged by its own requests as well");
  }
}
