package io.datawarehouse.kernel.bus;

import io.datawarehouse.kernel.bus.DeliveryLane.Admission;
import io.datawarehouse.kernel.bus.DeliveryLane.Delivery;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one handler. A limit to what runs at a time needs one lane for all. Where there is
 * none, deliveries of different keys have nothing to do with each other but the places in which
 * they wait: they go by lanes of their own, so that threads with different keys seldom meet at a
 * lock. Thread-safe.
 */
final class DeliveryLanes {

  private static final int UNLIMITED_LANES = 32;
  private static final int HALF = Short.SIZE;

  /** A power of two of them. */
  private final DeliveryLane[] lanes;

  DeliveryLanes(int concurrency, int capacity, QueueBudget bytes) {
    QueueBudget places = new QueueBudget(capacity);
    lanes = new DeliveryLane[concurrency == Integer.MAX_VALUE ? UNLIMITED_LANES : 1];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = new DeliveryLane(concurrency, places, bytes);
    }
  }

  /** See {@link DeliveryLane#tryEnter}. */
  boolean tryEnter(@Nullable String key) {
    return lane(key).tryEnter(key);
  }

  /** See {@link DeliveryLane#submit}. */
  Admission submit(Delivery delivery) {
    DeliveryLane lane = lane(delivery.key());
    Admission admission = lane.submit(delivery);
    if (admission != Admission.FULL || lanes.length == 1) {
      return admission;
    }
    // Places of senders that have given up may lie in other lanes.
    for (DeliveryLane other : lanes) {
      other.dropExpired();
    }
    return lane.submit(delivery);
  }

  /** See {@link DeliveryLane#leave}. */
  @Nullable Delivery leave(@Nullable String key) {
    return lane(key).leave(key);
  }

  /** See {@link DeliveryLane#clear}. */
  List<Delivery> clear() {
    List<Delivery> all = new ArrayList<>();
    for (DeliveryLane lane : lanes) {
      all.addAll(lane.clear());
    }
    return all;
  }

  /** See {@link DeliveryLane#waitingNow}. */
  List<Delivery> waitingNow() {
    List<Delivery> all = new ArrayList<>();
    for (DeliveryLane lane : lanes) {
      all.addAll(lane.waitingNow());
    }
    return all;
  }

  /** Returns how many deliveries wait. */
  int waiting() {
    int sum = 0;
    for (DeliveryLane lane : lanes) {
      sum += lane.waiting();
    }
    return sum;
  }

  /** Returns how many deliveries run or wait. */
  int inFlight() {
    int sum = 0;
    for (DeliveryLane lane : lanes) {
      sum += lane.inFlight();
    }
    return sum;
  }

  private DeliveryLane lane(@Nullable String key) {
    if (key == null || lanes.length == 1) {
      return lanes[0];
    }
    int hash = key.hashCode();
    return lanes[(hash ^ hash >>> HALF) & (lanes.length - 1)];
  }
}
