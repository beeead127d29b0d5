package io.datawarehouse.kernel.coordination.raft;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The three threads of a coordinator. One ticks: it alone decides on founding, elections, voters,
 * time-outs. One sends proposals, which may block, and opens a log that failed. One tells: stages
 * complete and listeners are called on it, in the order in which it was told. Thread-safe.
 */
final class CoordinatorThreads {

  private static final System.Logger LOG = System.getLogger(CoordinatorThreads.class.getName());
  private static final int CLOSE_SECONDS = 5;

  private final ScheduledThreadPoolExecutor ticker;
  private final ExecutorService sender;
  private final ExecutorService teller;

  CoordinatorThreads(ThreadFactory threads) {
    ticker = new ScheduledThreadPoolExecutor(1, threads);
    ticker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    sender = Executors.newSingleThreadExecutor(threads);
    teller = Executors.newSingleThreadExecutor(threads);
  }

  /** Runs something on the ticker again and again, from now on. */
  void tick(Runnable task, Duration pause) {
    var unused = ticker.scheduleWithFixedDelay(task, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has the ticker do something; returns false once it has stopped. */
  boolean onTicker(Runnable task) {
    return run(ticker, task);
  }

  /** Has the sender do something later; does nothing once the ticker has stopped. */
  void onSenderAfter(Duration pause, Runnable task) {
    try {
      var unused = ticker.schedule(() -> onSender(task), pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the coordinator stops", e);
    }
  }

  /** Has the sender do something; returns false once it has stopped. */
  boolean onSender(Runnable task) {
    return run(
        sender,
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "sending failed; it is tried again", e);
          }
        });
  }

  /** Has somebody told; at once where nobody tells any more: who waits has to have an answer. */
  void tell(Runnable task) {
    if (!run(teller, task)) {
      task.run();
    }
  }

  /** Takes no more for the ticker and the sender. */
  void stopWorking() {
    ticker.shutdown();
    sender.shutdown();
  }

  /** Waits until the ticker and the sender have ended what they do, but not for ever. */
  void awaitWorking() {
    awaitEnd(ticker);
    awaitEnd(sender);
  }

  /** Lets what was to be told be told, and ends. */
  void stopTelling() {
    teller.shutdown();
  }

  private static boolean run(ExecutorService executor, Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void awaitEnd(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
