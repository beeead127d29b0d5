package io.datawarehouse.kernel.federation;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs tasks one after the other, in their order, on threads of an executor. Thread-safe. */
final class SerialQueue {

  private static final System.Logger LOG = System.getLogger(SerialQueue.class.getName());
  private static final int MOST_IN_A_ROW = 64;

  private final Executor executor;
  private final int capacity;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  SerialQueue(Executor executor, int capacity) {
    this.executor = executor;
    this.capacity = capacity;
  }

  /** Adds a task; returns whether there was room. */
  boolean offer(Runnable task) {
    int before;
    do {
      before = waiting.get();
      if (before >= capacity) {
        return false;
      }
    } while (!waiting.compareAndSet(before, before + 1));
    tasks.add(task);
    if (before == 0) {
      executor.execute(this::run);
    }
    return true;
  }

  private void run() {
    for (int i = 0; i < MOST_IN_A_ROW; ) {
      Runnable task = tasks.poll();
      if (task == null) {
        // It is counted and about to be added.
        Thread.onSpinWait();
        continue;
      }
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a task failed; the next one runs", e);
      }
      i++;
      if (waiting.decrementAndGet() == 0) {
        return;
      }
    }
    executor.execute(this::run);
  }
}
