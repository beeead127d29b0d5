package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.AdaptiveChoice;
import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.NodeLoad;
import java.util.List;

/**
 * Why balancing does what it does, in words. Immutable.
 *
 * @param settings the settings in force
 * @param decision who decides
 * @param figures what that was decided by
 */
record BalancingReasons(
    BalancingSettings settings, ModeDecision decision, ModeDecision.Figures figures) {

  private static final double NANOS_PER_MILLI = 1e6;

  /** With processors less in use no load stands out. */
  private static final double IDLE_PERCENT = 20;

  BalancingSettings.Origin origin(BalancingSetting setting) {
    return settings.origins().getOrDefault(setting, BalancingSettings.Origin.TIER);
  }

  String setBy(BalancingSetting setting) {
    return switch (origin(setting)) {
      case DEFAULT -> "it is the default";
      case TIER -> "it is the default of the tier " + settings.config().tier().id();
      case CONFIG -> "the configuration sets it";
      case OPERATOR -> "an operator set it";
    };
  }

  String mode() {
    if (settings.config().mode() != BalancingMode.INTELLIGENT) {
      return setBy(BalancingSetting.MODE);
    }
    String rule = "intelligent: " + rule();
    return decision.quietSince().isPresent()
        ? rule
            + ", but not yet for a whole load window of "
            + settings.config().rebalancing().loadWindow()
        : rule;
  }

  private String rule() {
    LoadBalancingConfig config = settings.config();
    int active = figures.activeNodes();
    if (active <= 1) {
      return "there is one active node";
    }
    return switch (config.tier()) {
      case INDIVIDUAL -> "the tier is individual";
      case SMB ->
          "the tier is smb, with %.0f requests a minute".formatted(figures.requestsPerMinute());
      case ENTERPRISE, HIGH_STAKES, HYPERSCALE ->
          "there are " + active + " active nodes, the tier is " + config.tier().id();
    };
  }

  /** Returns what the adaptive strategy means now, by what the nodes say of themselves. */
  static AdaptiveChoice adaptive(DeploymentTier tier, List<NodeLoad> loads) {
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
