package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.cluster.Watch;
import java.util.function.UnaryOperator;

/** What operators set, durably. Thread-safe. */
public interface OperatorOrders {

  /** Returns what is set, as text; never waits. */
  StandingOrders standing();

  /**
   * Changes what is set and returns when that is durable. Waits.
   *
   * @param change gets what is set and returns what shall be; may be called several times, and may
   *     throw
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code UNAVAILABLE} where nobody can
   *     agree, {@code TIMEOUT} where it is not known whether they did
   */
  void change(UnaryOperator<StandingOrders> change);

  /** Tells the listener after every change. It must be quick. */
  Watch watch(Runnable listener);
}
