package io.datawarehouse.kernel.bus;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/** Makes the threads of a bus. */
public final class BusWorkers {

  private static final int SPARE_SECONDS = 30;

  /** How many more threads there may be while others wait for an answer from the bus. */
  private static final int MOST_STAND_INS = 256;

  private BusWorkers() {}

  /**
   * Returns a pool of {@code threads} threads that takes tasks in order of arrival. A work-stealing
   * pool, because handing over a message is most of what it costs; its queues are bounded by what
   * the lanes of the bus admit. While a thread waits for a {@code CompletableFuture}, the answer to
   * a request for one, another stands in for it, so that handlers that ask handlers do not starve
   * them.
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
        threads,
        factory,
        null,
        true,
        threads,
        threads + MOST_STAND_INS,
        threads,
        pool -> true,
        SPARE_SECONDS,
        TimeUnit.SECONDS);
  }

  private static final class BusThread extends ForkJoinWorkerThread {
    BusThread(ForkJoinPool pool) {
      super(pool);
    }
  }
}
