package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Who decides about balancing, and since when the rule of the intelligent mode would have it
 * otherwise. Immutable.
 *
 * <p>What somebody set counts at once. Under the intelligent mode the kernel begins to act as soon
 * as the rule says so, and ceases when the rule has said manual for a whole load window without a
 * break: a node that is away for a moment, or a quiet minute, ends nothing that would begin again
 * soon. That a remedy outlasts its symptom is hysteresis, as in Schmitt's trigger (1938).
 *
 * @param mode manual or automatic
 * @param quietSince since when, by the ticker, the rule says manual while the mode is automatic;
 *     empty where it does not
 */
record ModeDecision(BalancingMode mode, OptionalLong quietSince) {

  /**
   * What the rule looks at.
   *
   * @param activeNodes how many nodes take requests
   * @param requestsPerMinute how many requests the installation gets a minute
   */
  record Figures(int activeNodes, double requestsPerMinute) {

    /** What is known before anybody has looked. */
    static final Figures UNKNOWN = new Figures(1, 0);
  }

  /**
   * Decides without regard to what was before: the first time, and when somebody changed a rule.
   */
  static ModeDecision anew(LoadBalancingConfig config, Figures figures) {
    return new ModeDecision(rule(config, figures), OptionalLong.empty());
  }

  /** Decides again, as time has passed under the same settings. */
  ModeDecision next(LoadBalancingConfig config, Figures figures, long now) {
    BalancingMode wanted = rule(config, figures);
    if (wanted == mode
        || wanted == BalancingMode.AUTOMATIC
        || config.mode() != BalancingMode.INTELLIGENT) {
      return new ModeDecision(wanted, OptionalLong.empty());
    }
    long since = quietSince.orElse(now);
    Duration window = config.rebalancing().loadWindow();
    return now - since >= window.toNanos()
        ? new ModeDecision(wanted, OptionalLong.empty())
        : new ModeDecision(mode, OptionalLong.of(since));
  }

  private static BalancingMode rule(LoadBalancingConfig config, Figures figures) {
    return config.effectiveMode(figures.activeNodes, figures.requestsPerMinute);
  }
}
