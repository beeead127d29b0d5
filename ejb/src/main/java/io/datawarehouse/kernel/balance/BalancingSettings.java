package io.datawarehouse.kernel.balance;

import io.datawarehouse.kernel.affinity.AffinityRules;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.sdk.balance.Aggressiveness;
import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingConfig.Rebalancing;
import io.datawarehouse.sdk.balance.LoadBalancingConfig.Replication;
import io.datawarehouse.sdk.balance.LoadBalancingConfig.Sharding;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of balancing in force, and where each comes from: what an operator sets wins over
 * configuration, configuration over the tier. Immutable.
 *
 * @param config the settings
 * @param preferLocal whether messages without a key stay where they were sent
 * @param affinity which provider says what messages belong together
 * @param origins where each setting comes from; all settings are there
 */
public record BalancingSettings(
    LoadBalancingConfig config,
    boolean preferLocal,
    AffinityRules affinity,
    Map<BalancingSetting, Origin> origins) {

  /** How copies can be kept. */
  public static final List<String> REPLICATIONS =
      List.of("none", "single-master", "multi-master", "multi-region", "peer");

  /** Who can resolve conflicts. */
  public static final List<String> RESOLVERS =
      List.of("keep-siblings", "crdt", "vector-clock", "last-writer-wins");

  /** Where a value comes from. */
  public enum Origin {
    /** Nobody set it, and the tier says nothing of it. */
    DEFAULT("default"),
    /** Nobody set it: it follows from the tier. */
    TIER("tier"),
    /** The configuration of the node. */
    CONFIG("config"),
    /** An operator, while the node ran. */
    OPERATOR("operator");

    private final String label;

    Origin(String label) {
      this.label = label;
    }

    /** Returns its name. */
    public String label() {
      return label;
    }
  }

  /** Copies. */
  public BalancingSettings {
    origins = Map.copyOf(origins);
  }

  /**
   * Puts the layers one over the other.
   *
   * @param usual the tier where nobody sets one
   * @param configured what configuration sets, as text
   * @param ordered what an operator set, as text
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the setting and the value
   */
  public static BalancingSettings resolve(
      DeploymentTier usual,
      Map<BalancingSetting, String> configured,
      Map<BalancingSetting, String> ordered) {
    Map<BalancingSetting, String> texts = new EnumMap<>(BalancingSetting.class);
    texts.putAll(configured);
    texts.putAll(ordered);
    Map<BalancingSetting, Origin> origins = new EnumMap<>(BalancingSetting.class);
    for (BalancingSetting setting : BalancingSetting.values()) {
      origins.put(
          setting,
          ordered.containsKey(setting)
              ? Origin.OPERATOR
              : configured.containsKey(setting) ? Origin.CONFIG : Origin.TIER);
    }
    return new Reading(texts).over(usual, origins);
  }

  /** Returns whether circuits to other nodes open after failures. */
  public boolean breaksCircuits() {
    return config.breaker().isPresent();
  }

  /** Returns the value of a setting as it looks in JSON; null where there is none. */
  public @Nullable Object value(BalancingSetting setting) {
    return switch (setting) {
      case TIER -> config.tier().id();
      case MODE -> config.mode().id();
      case ALGORITHM -> config.algorithm();
      case PREFER_LOCAL -> preferLocal;
      case AFFINITY -> affinity.byPattern();
      case SHARDING -> config.sharding().scheme().id();
      case AUTO_SHARDING -> config.sharding().automatic();
      case HOT_SHARD_DETECTION -> config.sharding().hotShardDetection();
      case HOT_SHARD_THRESHOLD -> boxed(config.sharding().hotShardThreshold());
      case PREDICTIVE -> config.predictive();
      case AGGRESSIVENESS -> config.rebalancing().aggressiveness().id();
      case MINIMUM_INTERVAL -> config.rebalancing().minimumInterval().toString();
      case LOAD_WINDOW -> config.rebalancing().loadWindow().toString();
      case MOST_MOVED_PERCENT -> config.rebalancing().mostMovedPercent();
      case CIRCUIT_BREAKER -> breaksCircuits();
      case REPLICATION -> config.replication().strategy();
      case CONFLICT_RESOLVER -> config.replication().resolver().orElse(null);
    };
  }

  private static @Nullable Integer boxed(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }

  /** Reads the texts of all layers together. */
  private record Reading(Map<BalancingSetting, String> texts) {

    BalancingSettings over(DeploymentTier usual, Map<BalancingSetting, Origin> origins) {
      DeploymentTier tier =
          one(BalancingSetting.TIER, DeploymentTier.values(), DeploymentTier::id, usual);
      LoadBalancingConfig base = LoadBalancingConfig.of(tier);
      LoadBalancingConfig config =
          base.withMode(
                  one(
                      BalancingSetting.MODE,
                      BalancingMode.values(),
                      BalancingMode::id,
                      base.mode()))
              .withAlgorithm(text(BalancingSetting.ALGORITHM, base.algorithm()))
              .withSharding(sharding(base.sharding()))
              .withPredictive(flag(BalancingSetting.PREDICTIVE, base.predictive()))
              .withRebalancing(rebalancing(base.rebalancing()))
              .withBreaker(breaker(base.breaker()))
              .withReplication(replication(base.replication()));
      return new BalancingSettings(
          config,
          flag(BalancingSetting.PREFER_LOCAL, false),
          AffinityRules.parse(text(BalancingSetting.AFFINITY, "")),
          origins);
    }

    private Sharding sharding(Sharding base) {
      Optional<String> threshold = find(BalancingSetting.HOT_SHARD_THRESHOLD);
      return new Sharding(
          one(
              BalancingSetting.SHARDING,
              ShardingScheme.values(),
              ShardingScheme::id,
              base.scheme()),
          flag(BalancingSetting.AUTO_SHARDING, base.automatic()),
          flag(BalancingSetting.HOT_SHARD_DETECTION, base.hotShardDetection()),
          threshold.isPresent()
              ? OptionalInt.of(number(BalancingSetting.HOT_SHARD_THRESHOLD, 0))
              : base.hotShardThreshold());
    }

    private Rebalancing rebalancing(Rebalancing base) {
      return new Rebalancing(
          one(
              BalancingSetting.AGGRESSIVENESS,
              Aggressiveness.values(),
              Aggressiveness::id,
              base.aggressiveness()),
          duration(BalancingSetting.MINIMUM_INTERVAL, base.minimumInterval()),
          duration(BalancingSetting.LOAD_WINDOW, base.loadWindow()),
          number(BalancingSetting.MOST_MOVED_PERCENT, base.mostMovedPercent()));
    }

    private Optional<CircuitBreakerSettings> breaker(Optional<CircuitBreakerSettings> base) {
      return flag(BalancingSetting.CIRCUIT_BREAKER, base.isPresent())
          ? base.or(() -> Optional.of(CircuitBreakerSettings.defaults()))
          : Optional.empty();
    }

    private Replication replication(Replication base) {
      return new Replication(
          known(BalancingSetting.REPLICATION, REPLICATIONS).orElse(base.strategy()),
          known(BalancingSetting.CONFLICT_RESOLVER, RESOLVERS).or(base::resolver));
    }

    private Optional<String> known(BalancingSetting setting, List<String> names) {
      Optional<String> text = find(setting);
      text.filter(name -> !names.contains(name))
          .ifPresent(
              name -> {
                throw invalid(setting, name, "use one of " + String.join(", ", names));
              });
      return text;
    }

    private Optional<String> find(BalancingSetting setting) {
      return Optional.ofNullable(texts.get(setting));
    }

    private String text(BalancingSetting setting, String otherwise) {
      return find(setting).orElse(otherwise);
    }

    private boolean flag(BalancingSetting setting, boolean otherwise) {
      return find(setting)
          .map(
              text ->
                  switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw invalid(setting, text, "use true or false");
                  })
          .orElse(otherwise);
    }

    private int number(BalancingSetting setting, int otherwise) {
      Optional<String> text = find(setting);
      try {
        return text.map(Integer::parseInt).orElse(otherwise);
      } catch (NumberFormatException e) {
        throw invalid(setting, text.orElse(""), "use a whole number");
      }
    }

    private Duration duration(BalancingSetting setting, Duration otherwise) {
      Optional<String> text = find(setting);
      if (text.isEmpty()) {
        return otherwise;
      }
      try {
        return KernelConfig.of(Map.of(setting.key(), text.get()))
            .duration(setting.key(), otherwise);
      } catch (WarehouseException e) {
        throw invalid(setting, text.get(), "use a duration like 30s, 5m or PT5M");
      }
    }

    private <T> T one(BalancingSetting setting, T[] all, Function<T, String> id, T otherwise) {
      Optional<String> text = find(setting);
      if (text.isEmpty()) {
        return otherwise;
      }
      List<T> values = Arrays.asList(all);
      return values.stream()
          .filter(value -> id.apply(value).equals(text.get()))
          .findFirst()
          .orElseThrow(
              () ->
                  invalid(
                      setting,
                      text.get(),
                      "use one of " + values.stream().map(id).collect(Collectors.joining(", "))));
    }

    private static WarehouseException invalid(BalancingSetting setting, String value, String rule) {
      return WarehouseException.invalid(setting.field(), value, rule);
    }
  }
}
