package io.datawarehouse.kernel.bus;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/** The threads of a bus as its endpoints use them. Thread-safe. */
final class WorkerThreads {

  private final Executor executor;
  private final @Nullable ForkJoinPool pool;

  WorkerThreads(Executor executor) {
    this.executor = executor;
    this.pool = executor instanceof ForkJoinPool forkJoin ? forkJoin : null;
  }

  void execute(Runnable task) {
    executor.execute(task);
  }

  /** Called on a thread of the bus that has a task to go on with: lets one of others go first. */
  void executeAfterOthers(Runnable task) {
    if (pool != null && ForkJoinTask.getPool() == pool) {
      // A thread of such a pool goes on with its own queue as long as there is anything in it.
      Turn.letAnotherGoFirst();
    }
    executor.execute(task);
  }

  /** Gives access to what waits for any thread of the pool. */
  private abstract static class Turn extends ForkJoinTask<Void> {

    private static final long serialVersionUID = 1;

    static void letAnotherGoFirst() {
      ForkJoinTask<?> other = pollSubmission();
      if (other != null) {
        var unused = other.fork();
      }
    }
  }
}
