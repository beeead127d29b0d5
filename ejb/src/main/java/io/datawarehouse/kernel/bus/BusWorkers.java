package io.datawarehouse.kernel.bus;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/** Makes the threads of a bus. */
public final class BusWorkers {

  private static final int SPARE_SECONDS = 30;

  private BusWorkers() {}

  /**
   * Returns a pool of at most {@code threads} threads that takes tasks in order of arrival. A
   * work-stealing pool, because handing over a message is most of what it costs; its queues are
   * bounded by what the lanes of the bus admit.
   *
   * @param name what the threads' names begin with
   * @param loader the context class loader of the threads
   */
  public static ForkJoinPool create(String name, int threads, ClassLoader loader) {
    ForkJoinPool.ForkJoinWorkerThreadFactory factory =
        pool -> {
          ForkJoinWorkerThread thread = new BusThread(pool);
          thread.setName(name + "-" + thread.getPoolIndex());
          thread.setContextClassLoader(loader);
          thread.setDaemon(true);
          return thread;
        };
    return new ForkJoinPool(
        threads, factory, null, true, 0, threads, 1, pool -> true, SPARE_SECONDS, TimeUnit.SECONDS);
  }

  private static final class BusThread extends ForkJoinWorkerThread {
    BusThread(ForkJoinPool pool) {
      super(pool);
    }
  }
}
