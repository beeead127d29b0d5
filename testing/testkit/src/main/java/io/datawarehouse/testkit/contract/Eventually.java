package io.datawarehouse.testkit.contract;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** Waits for what has to become true, and not a moment where it is true already. */
public final class Eventually {

  private static final Duration INTERVAL = Duration.ofMillis(5);

  private Eventually() {}

  /** Waits until that is so; fails after the limit, saying what was waited for. */
  public static void is(String what, Duration limit, BooleanSupplier condition) {
    if (!condition.getAsBoolean()) {
      Awaitility.await(what)
          .pollDelay(INTERVAL)
          .pollInterval(INTERVAL)
          .atMost(limit)
          .until(condition::getAsBoolean);
    }
  }
}
