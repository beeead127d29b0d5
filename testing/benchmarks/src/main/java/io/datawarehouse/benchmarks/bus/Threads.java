package io.datawarehouse.benchmarks.bus;

import io.datawarehouse.benchmarks.report.Subject.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs loops on several threads for a while and adds up what they did. */
final class Threads {

  /** A loop that counts what it does until it is told to stop. */
  @FunctionalInterface
  interface Loop {
    long run(int number, AtomicBoolean stop) throws Exception;
  }

  private Threads() {}

  static Measured run(ExecutorService executor, int threads, Duration time, Loop loop)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<Long>> futures = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      int number = i;
      futures.add(executor.submit(() -> loop.run(number, stop)));
    }
    Thread.sleep(time.toMillis());
    stop.set(true);
    long done = 0;
    for (Future<Long> future : futures) {
      done += future.get();
    }
    return new Measured(done * 1e9 / (System.nanoTime() - begin), 0, 0);
  }
}
