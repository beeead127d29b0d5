package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.AdaptiveChoice;
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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Knows which strategy is in force with which settings, lets operators change that while the node
 * runs, and tells why it is so. Thread-safe.
 *
 * <p>A strategy is looked for among those that run. Where the wanted one does not, the kernel's own
 * round robin chooses, and the status says so: balancing never stands still for want of a plugin.
 */
public final class BalancingOffice {

  private static final System.Logger LOG = System.getLogger(BalancingOffice.class.getName());
  private static final double MINUTE = 60;
  private static final double NANOS_PER_MILLI = 1e6;

  /** With processors less in use no load stands out. */
  private static final double IDLE_PERCENT = 20;

  /**
   * What it works with.
   *
   * @param usualTier the tier where nobody sets one
   * @param configured what the configuration of this node sets
   * @param strategies those that run, in the order in which they started
   */
  public record Options(
      DeploymentTier usualTier,
      Map<BalancingSetting, String> configured,
      Supplier<List<LoadBalancerStrategy>> strategies) {

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
   */
  public record InForce(LoadBalancerStrategy strategy, BalancingSettings settings) {}

  private final Options options;
  private final LoadBalancerStrategy own = new RoundRobinLoadBalancer();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<OperatorOrders> orders = Optional.empty();
  private volatile BalancingSettings settings;

  /**
   * Makes an office in which configuration and tier alone count at first.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} for a configured value that is not allowed
   */
  public BalancingOffice(Options options) {
    this.options = options;
    this.settings = BalancingSettings.resolve(options.usualTier, options.configured, Map.of());
  }

  /** Follows what operators set from now on. Called once. */
  public Watch follow(OperatorOrders found) {
    orders = Optional.of(found);
    Watch watch = found.watch(this::renew);
    renew();
    return watch;
  }

  /** Tells the listener after every change. It must be quick. */
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * Looks at the strategies anew, as the plugins run now.
   *
   * @throws WarehouseException {@code BOOT_FAILED} where the configuration names one that is not
   *     there; the error lists those that are
   */
  public void open() {
    String configured = options.configured.get(BalancingSetting.ALGORITHM);
    if (configured != null && find(configured).isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BOOT_FAILED,
          "%s is %s: %s"
              .formatted(
                  BalancingSetting.ALGORITHM.key(),
                  WarehouseException.shown(configured),
                  oneOfTheKnown()));
    }
    String wanted = settings.config().algorithm();
    if (find(wanted).isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "strategy {0} does not run; {1} chooses in its place",
          wanted,
          own.strategyName());
    }
    listeners.forEach(Runnable::run);
  }

  private void renew() {
    Map<BalancingSetting, String> ordered = orders.map(OperatorOrders::standing).orElse(Map.of());
    try {
      settings = BalancingSettings.resolve(options.usualTier, options.configured, ordered);
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "settings of balancing do not fit this node; the last ones stay in force: {0}",
          e.detail());
      return;
    }
    listeners.forEach(Runnable::run);
  }

  /** Returns what chooses now. */
  public InForce inForce() {
    BalancingSettings now = settings;
    return new InForce(find(now.config().algorithm()).orElse(own), now);
  }

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

  private String oneOfTheKnown() {
    return "use one of " + String.join(", ", algorithms());
  }

  /**
   * Has an operator set what is named; the rest stays as it is. Waits until that is durable.
   *
   * @param changes by the names of settings; empty takes back what an operator set before
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the setting and what is allowed
   */
  public void order(Map<String, Optional<Object>> changes) {
    Map<BalancingSetting, Optional<String>> checked = checked(changes);
    orders
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.UNAVAILABLE, "the node has not started yet"))
        .change(
            standing -> {
              Map<BalancingSetting, String> next = changed(standing, checked);
              BalancingSettings.resolve(options.usualTier, options.configured, next);
              return next;
            });
  }

  /**
   * Returns what would choose if an operator set what is named; nothing is set.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} as for {@link #order}
   */
  public InForce preview(Map<String, Optional<Object>> changes) {
    Map<BalancingSetting, String> standing = orders.map(OperatorOrders::standing).orElse(Map.of());
    BalancingSettings settled =
        BalancingSettings.resolve(
            options.usualTier, options.configured, changed(standing, checked(changes)));
    return new InForce(find(settled.config().algorithm()).orElse(own), settled);
  }

  private Map<BalancingSetting, Optional<String>> checked(Map<String, Optional<Object>> changes) {
    Map<BalancingSetting, Optional<String>> checked = new EnumMap<>(BalancingSetting.class);
    changes.forEach(
        (field, value) -> checked.put(known(field), value.map(one -> text(field, one))));
    Optional<String> algorithm = checked.getOrDefault(BalancingSetting.ALGORITHM, Optional.empty());
    if (algorithm.isPresent() && find(algorithm.get()).isEmpty()) {
      throw WarehouseException.invalid(
          BalancingSetting.ALGORITHM.field(), algorithm.get(), oneOfTheKnown());
    }
    return checked;
  }

  private static Map<BalancingSetting, String> changed(
      Map<BalancingSetting, String> standing, Map<BalancingSetting, Optional<String>> checked) {
    Map<BalancingSetting, String> next = new EnumMap<>(BalancingSetting.class);
    next.putAll(standing);
    checked.forEach(
        (setting, value) ->
            value.ifPresentOrElse(text -> next.put(setting, text), () -> next.remove(setting)));
    return next;
  }

  private static BalancingSetting known(String field) {
    return BalancingSetting.of(field)
        .orElseThrow(
            () -> {
              List<String> names = new ArrayList<>();
              for (BalancingSetting setting : BalancingSetting.values()) {
                names.add(setting.field());
              }
              return WarehouseException.invalid(
                  field, null, "there is no such setting; use " + String.join(", ", names));
            });
  }

  private static String text(String field, Object value) {
    boolean right =
        switch (known(field).kind()) {
          case TEXT -> value instanceof String;
          case FLAG -> value instanceof Boolean;
          case NUMBER -> value instanceof Integer;
        };
    if (!right) {
      throw WarehouseException.invalid(
          field,
          value,
          switch (known(field).kind()) {
            case TEXT -> "use a string";
            case FLAG -> "use true or false";
            case NUMBER -> "use a whole number";
          });
    }
    return value.toString();
  }

  // ---- telling -------------------------------------------------------------------------------

  /** Returns what is in force and why. */
  public BalancingStatus status(ClusterContext cluster) {
    BalancingSettings now = settings;
    List<NodeLoad> loads =
        cluster.health().reports().stream()
            .map(HealthReport::load)
            .flatMap(Optional::stream)
            .toList();
    int active = cluster.membership().view().active().size();
    double perMinute = loads.stream().mapToDouble(NodeLoad::requestsPerSecond).sum() * MINUTE;
    Map<String, BalancingStatus.Value> values = new LinkedHashMap<>();
    for (BalancingSetting setting : BalancingSetting.values()) {
      values.put(
          setting.field(),
          new BalancingStatus.Value(now.value(setting), origin(now, setting).label()));
    }
    Why algorithm = algorithm(now, loads);
    return new BalancingStatus(
        now.config().effectiveMode(active, perMinute).id(),
        modeBecause(now, active, perMinute),
        algorithm.name,
        algorithm.because,
        algorithms(),
        values);
  }

  private static BalancingSettings.Origin origin(BalancingSettings now, BalancingSetting setting) {
    return now.origins().getOrDefault(setting, BalancingSettings.Origin.TIER);
  }

  private static String modeBecause(BalancingSettings now, int active, double perMinute) {
    LoadBalancingConfig config = now.config();
    if (config.mode() != BalancingMode.INTELLIGENT) {
      return setBy(now, BalancingSetting.MODE);
    }
    if (active <= 1) {
      return "intelligent: there is one active node";
    }
    return switch (config.tier()) {
      case INDIVIDUAL -> "intelligent: the tier is individual";
      case SMB -> "intelligent: the tier is smb, with %.0f requests a minute".formatted(perMinute);
      case ENTERPRISE, HIGH_STAKES, HYPERSCALE ->
          "intelligent: there are " + active + " active nodes, the tier is " + config.tier().id();
    };
  }

  private static String setBy(BalancingSettings now, BalancingSetting setting) {
    return switch (origin(now, setting)) {
      case TIER -> "it is the default of the tier " + now.config().tier().id();
      case CONFIG -> "the configuration sets it";
      case OPERATOR -> "an operator set it";
    };
  }

  /** A name and a reason. */
  private record Why(String name, String because) {}

  private Why algorithm(BalancingSettings now, List<NodeLoad> loads) {
    String wanted = now.config().algorithm();
    String set = setBy(now, BalancingSetting.ALGORITHM);
    if (find(wanted).isEmpty()) {
      return new Why(
          own.strategyName(),
          wanted + " does not run on this node, though " + set + "; this one does in its place");
    }
    if (!wanted.equals(BalancingAlgorithms.ADAPTIVE)) {
      return new Why(wanted, set);
    }
    AdaptiveChoice choice = adaptive(now.config().tier(), loads);
    return new Why(
        choice.algorithm(),
        "adaptive: "
            + choice.because()
            + ", by what the nodes say of themselves; each topic is"
            + " judged by its own requests as well");
  }

  private static AdaptiveChoice adaptive(DeploymentTier tier, List<NodeLoad> loads) {
    double highest = loads.stream().mapToDouble(NodeLoad::cpuPercent).max().orElse(0);
    double mean = loads.stream().mapToDouble(NodeLoad::cpuPercent).average().orElse(0);
    double slowest = loads.stream().mapToDouble(NodeLoad::latencyMillis).max().orElse(0);
    double fastest =
        loads.stream()
            .mapToDouble(NodeLoad::latencyMillis)
            .filter(millis -> millis > 0)
            .min()
            .orElse(slowest);
    boolean working = highest >= IDLE_PERCENT;
    return AdaptiveChoice.of(
        tier,
        working ? highest : 0,
        working ? mean : 0,
        Math.round((slowest - fastest) * NANOS_PER_MILLI));
  }
}
