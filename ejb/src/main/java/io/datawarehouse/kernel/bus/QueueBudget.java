package io.datawarehouse.kernel.bus;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of payload that may wait in all queues of a bus together: a queue that is bounded by a
 * number of messages is no bound on memory where messages may be large. Thread-safe.
 */
final class QueueBudget {

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  QueueBudget(long mostBytes) {
    this.most = mostBytes;
  }

  /** Takes a share, if there is room for it. */
  boolean tryTake(long bytes) {
    if (bytes == 0) {
      return true;
    }
    if (taken.addAndGet(bytes) <= most) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    if (bytes != 0) {
      taken.addAndGet(-bytes);
    }
  }

  long taken() {
    return taken.get();
  }
}
