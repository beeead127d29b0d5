package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.balance.BalancingSettings.Origin;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.StrategySetting;
import io.datawarehouse.sdk.balance.StrategyValues;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The settings that strategies declare for themselves: what an operator sets wins over
 * configuration, configuration over the default. Keeps each strategy with the values in force until
 * one of them changes, so that what it shares between its selectors stays. Thread-safe.
 */
final class StrategyTuning {

  /** The setting under which operators name them. */
  static final String FIELD = "strategySettings";

  private static final System.Logger LOG = System.getLogger(StrategyTuning.class.getName());

  /** A strategy as it runs, values, and the strategy with them. */
  private record Tuned(
      LoadBalancerStrategy base, StrategyValues values, LoadBalancerStrategy strategy) {}

  private final Supplier<List<LoadBalancerStrategy>> running;
  private final Map<String, Tuned> inForce = new ConcurrentHashMap<>();

  /**
   * Makes it.
   *
   * @param running the strategies that run; of several with one name the first counts
   */
  StrategyTuning(Supplier<List<LoadBalancerStrategy>> running) {
    this.running = running;
  }

  /** Returns a strategy with the values in force, the same until one of them changes. */
  LoadBalancerStrategy tuned(LoadBalancerStrategy base, StandingOrders orders) {
    if (base.settings().isEmpty()) {
      return base;
    }
    StrategyValues values = values(base, orders);
    Tuned before = inForce.get(base.strategyName());
    if (before != null && before.base == base && before.values.equals(values)) {
      return before.strategy;
    }
    LoadBalancerStrategy strategy = made(base, values);
    inForce.put(base.strategyName(), new Tuned(base, values, strategy));
    return strategy;
  }

  /** Returns a strategy with the values that orders would bring; nobody else has it. */
  LoadBalancerStrategy tried(LoadBalancerStrategy base, StandingOrders orders) {
    return base.settings().isEmpty() ? base : made(base, values(base, orders));
  }

  private static LoadBalancerStrategy made(LoadBalancerStrategy base, StrategyValues values) {
    try {
      return base.with(values);
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "strategy {0} refuses its settings and keeps its own: {1}",
          base.strategyName(),
          e.detail());
      return base;
    }
  }

  // ---- the layers ------------------------------------------------------------------------------

  private static StrategyValues values(LoadBalancerStrategy base, StandingOrders orders) {
    Map<String, Object> values = new HashMap<>();
    for (StrategySetting setting : base.settings()) {
      values.put(setting.name(), layered(base, setting, orders).value);
    }
    return new StrategyValues(values);
  }

  private record Layered(Object value, Origin origin) {}

  private static Layered layered(
      LoadBalancerStrategy base, StrategySetting setting, StandingOrders orders) {
    Optional<Object> ordered =
        Optional.ofNullable(orders.of(base.strategyName()).get(setting.name()))
            .flatMap(setting::parse);
    if (ordered.isPresent()) {
      return new Layered(ordered.get(), Origin.OPERATOR);
    }
    Object configured = base.configured().get(setting.name());
    return configured != null && setting.allows(configured)
        ? new Layered(configured, Origin.CONFIG)
        : new Layered(setting.usual(), Origin.DEFAULT);
  }

  /** Returns all settings of all strategies that run, by the names of both. */
  Map<String, Map<String, BalancingStatus.Value>> shown(StandingOrders orders) {
    Map<String, Map<String, BalancingStatus.Value>> shown = new TreeMap<>();
    for (LoadBalancerStrategy base : running.get()) {
      Map<String, BalancingStatus.Value> values = new LinkedHashMap<>();
      for (StrategySetting setting : base.settings()) {
        Layered layered = layered(base, setting, orders);
        values.put(
            setting.name(), new BalancingStatus.Value(layered.value, layered.origin.label()));
      }
      if (!values.isEmpty()) {
        shown.putIfAbsent(base.strategyName(), values);
      }
    }
    return shown;
  }

  /** Tells of orders that no strategy of this node follows. */
  void warn(StandingOrders orders) {
    orders
        .strategies()
        .forEach(
            (strategy, values) ->
                values.forEach(
                    (name, text) -> {
                      if (setting(strategy, name).flatMap(one -> one.parse(text)).isEmpty()) {
                        LOG.log(
                            System.Logger.Level.WARNING,
                            "{0}.{1}.{2} is set to {3}, which no strategy of this node follows",
                            FIELD,
                            strategy,
                            name,
                            text);
                      }
                    }));
  }

  private Optional<LoadBalancerStrategy> find(String name) {
    return running.get().stream().filter(one -> one.strategyName().equals(name)).findFirst();
  }

  private Optional<StrategySetting> setting(String strategy, String name) {
    return find(strategy).flatMap(base -> setting(base, name));
  }

  private static Optional<StrategySetting> setting(LoadBalancerStrategy base, String name) {
    return base.settings().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  // ---- orders ----------------------------------------------------------------------------------

  /**
   * Reads what an operator asks for.
   *
   * @param asked values by the names of strategies and then of settings, an empty optional for what
   *     is taken back; empty takes back all
   * @param standing what is set; what no strategy has may be taken back still
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the strategy and the setting
   */
  OrderChange.OfStrategies read(Optional<Object> asked, StandingOrders standing) {
    Map<String, Optional<Map<String, Optional<String>>>> read = new HashMap<>();
    if (asked.isPresent()) {
      object(FIELD, asked.get())
          .forEach((name, values) -> read.put(name, ofStrategy(name, values, standing)));
    }
    return new OrderChange.OfStrategies(asked.isEmpty(), read);
  }

  private Optional<Map<String, Optional<String>>> ofStrategy(
      String name, Object values, StandingOrders standing) {
    String path = FIELD + "." + name;
    Optional<LoadBalancerStrategy> base = find(name).filter(one -> !one.settings().isEmpty());
    if (base.isEmpty() && standing.of(name).isEmpty()) {
      throw WarehouseException.invalid(path, null, noSuch("strategy with settings", tunable()));
    }
    if (isNothing(values)) {
      return Optional.empty();
    }
    Map<String, Optional<String>> texts = new HashMap<>();
    object(path, values)
        .forEach(
            (setting, value) -> {
              boolean left = isNothing(value) && standing.of(name).containsKey(setting);
              texts.put(
                  setting,
                  left ? Optional.empty() : text(base, path + "." + setting, setting, value));
            });
    return Optional.of(texts);
  }

  private static Optional<String> text(
      Optional<LoadBalancerStrategy> base, String path, String name, Object value) {
    StrategySetting setting =
        base.flatMap(one -> setting(one, name))
            .orElseThrow(
                () ->
                    WarehouseException.invalid(
                        path,
                        null,
                        noSuch("setting", base.map(StrategyTuning::names).orElse(List.of()))));
    if (isNothing(value)) {
      return Optional.empty();
    }
    if (!setting.allows(value)) {
      throw WarehouseException.invalid(path, value, setting.rule());
    }
    return Optional.of(value.toString());
  }

  /**
   * Has the strategies that are asked for say whether the values that would be in force go
   * together.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} where they do not
   */
  void require(OrderChange.OfStrategies change, StandingOrders next) {
    for (String name : change.byStrategy().keySet()) {
      find(name)
          .filter(base -> !base.settings().isEmpty())
          .ifPresent(base -> requireTogether(base, next));
    }
  }

  private static void requireTogether(LoadBalancerStrategy base, StandingOrders next) {
    LoadBalancerStrategy made = base.with(values(base, next));
    if (!made.strategyName().equals(base.strategyName())) {
      throw WarehouseException.invalid(
          FIELD + "." + base.strategyName(), null, "the strategy became " + made.strategyName());
    }
  }

  private List<String> tunable() {
    return List.copyOf(
        running.get().stream()
            .filter(one -> !one.settings().isEmpty())
            .map(LoadBalancerStrategy::strategyName)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static List<String> names(LoadBalancerStrategy base) {
    return base.settings().stream().map(StrategySetting::name).toList();
  }

  private static String noSuch(String what, List<String> names) {
    return "there is no such "
        + what
        + (names.isEmpty() ? "" : "; use one of " + String.join(", ", names));
  }

  private static boolean isNothing(Object value) {
    return value instanceof Optional<?> optional && optional.isEmpty();
  }

  private static Map<String, Object> object(String path, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw WarehouseException.invalid(path, value, "use an object");
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((name, one) -> object.put(String.valueOf(name), one));
    return object;
  }
}
