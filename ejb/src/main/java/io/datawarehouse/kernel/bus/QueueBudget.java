package io.datawarehouse.kernel.bus;

import java.util.concurrent.atomic.AtomicLong;

/**
 * An amount that several queues have together: the places of one handler's queues, or the bytes of
 * payload that may wait in all queues of a bus, as a queue that is bounded by a number of messages
 * is no bound on memory where messages may be large. Thread-safe.
 */
final class QueueBudget {

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  QueueBudget(long most) {
    this.most = most;
  }

  /** Takes a share, if there is room for it. */
  boolean tryTake(long amount) {
    if (amount == 0) {
      return true;
    }
    if (taken.addAndGet(amount) <= most) {
      return true;
    }
    taken.addAndGet(-amount);
    return false;
  }

  void giveBack(long amount) {
    if (amount != 0) {
      taken.addAndGet(-amount);
    }
  }

  long taken() {
    return taken.get();
  }
}
