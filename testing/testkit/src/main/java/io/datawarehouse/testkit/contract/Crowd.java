package io.datawarehouse.testkit.contract;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/** Several threads that do something at the same time. */
public final class Crowd {

  private Crowd() {}

  /**
   * Lets that many threads begin together, each with a number from 0, and returns their results in
   * order. Fails when one of them does, or when they take longer than the limit.
   */
  public static <T> List<T> all(int threads, Duration limit, IntFunction<? extends T> work) {
    CyclicBarrier together = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        futures.add(
            pool.submit(
                () -> {
                  together.await(limit.toMillis(), TimeUnit.MILLISECONDS);
                  return work.apply(number);
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(get(future, limit));
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  /** Does something on a thread of its own and returns the result; fails after the limit. */
  public static <T> T elsewhere(Duration limit, Callable<T> work) {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      return get(thread.submit(work), limit);
    } finally {
      thread.shutdownNow();
    }
  }

  private static <T> T get(Future<T> future, Duration limit) {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a thread took longer than " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for a thread", e);
    }
  }
}
