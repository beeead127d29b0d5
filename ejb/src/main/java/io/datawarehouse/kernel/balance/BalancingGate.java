package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.cluster.Watch;

/**
 * Whether the kernel may act on load by itself. Whatever follows from load without a person asking
 * for it asks here, each time, before it acts: choosing another strategy, measures against hot
 * shards and forecasts, rebalancing. What a person asks for passes no gate. Thread-safe.
 */
public interface BalancingGate {

  /** Returns who decides now: manual or automatic, never intelligent. Never waits. */
  BalancingMode mode();

  /** Returns whether the kernel may act on load by itself. Never waits. */
  default boolean actsByItself() {
    return mode() == BalancingMode.AUTOMATIC;
  }

  /** Tells the listener after every change of the mode or a setting. It must be quick. */
  Watch watch(Runnable listener);
}
