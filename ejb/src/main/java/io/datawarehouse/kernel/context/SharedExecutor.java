package io.datawarehouse.kernel.context;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The threads that all plugins share, with the owner of every task. Thread-safe. Plugins see it
 * through a {@link PluginExecutor} each.
 */
public final class SharedExecutor extends ScheduledThreadPoolExecutor {

  private static final long SPARE_SECONDS = 30;

  private final int mostWaiting;
  private final Set<OwnedTask<?>> running = ConcurrentHashMap.newKeySet();

  /**
   * Makes an executor; threads start when they are needed and end when they are not.
   *
   * @param mostWaiting how many tasks may wait or be scheduled, of all plugins together
   */
  public SharedExecutor(int threads, int mostWaiting, ThreadFactory factory) {
    super(threads, factory);
    this.mostWaiting = mostWaiting;
    setRemoveOnCancelPolicy(true);
    setKeepAliveTime(SPARE_SECONDS, TimeUnit.SECONDS);
    allowCoreThreadTimeOut(true);
    setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Who a task belongs to. */
  interface Owned {
    PluginExecutor owner();

    /** Tells whoever waits for the task that it will not run. */
    void dropped();
  }

  /** Refuses a task when too many wait already. */
  void admit(PluginExecutor owner) {
    if (getQueue().size() >= mostWaiting) {
      throw new RejectedExecutionException(
          "plugin " + owner + ": " + mostWaiting + " tasks wait already");
    }
  }

  /** Cancels all tasks of an owner: those that wait and those that run, by interrupting them. */
  void cancel(PluginExecutor owner) {
    for (Runnable waiting : getQueue()) {
      if (waiting instanceof OwnedTask<?> task && task.belongsTo(owner)) {
        task.drop();
      }
    }
    for (OwnedTask<?> task : running) {
      if (task.belongsTo(owner)) {
        task.drop();
      }
    }
  }

  boolean isIdle(PluginExecutor owner) {
    return running.stream().noneMatch(task -> task.belongsTo(owner))
        && getQueue().stream()
            .noneMatch(waiting -> waiting instanceof OwnedTask<?> task && task.belongsTo(owner));
  }

  @Override
  protected <V> RunnableScheduledFuture<V> decorateTask(
      Runnable command, RunnableScheduledFuture<V> task) {
    return new OwnedTask<>(task, (Owned) command);
  }

  @Override
  protected <V> RunnableScheduledFuture<V> decorateTask(
      Callable<V> callable, RunnableScheduledFuture<V> task) {
    return new OwnedTask<>(task, (Owned) callable);
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable task) {
    running.add((OwnedTask<?>) task);
  }

  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
    running.remove((OwnedTask<?>) task);
  }

  /** A task of the pool that knows its owner. */
  private final class OwnedTask<V> implements RunnableScheduledFuture<V> {

    private final RunnableScheduledFuture<V> task;
    private final Owned work;

    OwnedTask(RunnableScheduledFuture<V> task, Owned work) {
      this.task = task;
      this.work = work;
    }

    boolean belongsTo(PluginExecutor owner) {
      return work.owner() == owner;
    }

    void drop() {
      // First what the plugin waits for: a task that ends because it was interrupted was cancelled.
      work.dropped();
      cancel(true);
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      boolean cancelled = task.cancel(mayInterrupt);
      // The pool looks for the task that it made, which is not the one in its queue.
      if (cancelled) {
        SharedExecutor.this.remove(this);
      }
      return cancelled;
    }

    @Override
    public void run() {
      task.run();
    }

    @Override
    public boolean isPeriodic() {
      return task.isPeriodic();
    }

    @Override
    public boolean isCancelled() {
      return task.isCancelled();
    }

    @Override
    public boolean isDone() {
      return task.isDone();
    }

    @Override
    public V get() throws InterruptedException, ExecutionException {
      return task.get();
    }

    @Override
    public V get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      return task.get(timeout, unit);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return task.getDelay(unit);
    }

    @Override
    public int compareTo(Delayed other) {
      // Compared unwrapped, tasks that are due at the same time keep their order.
      return task.compareTo(other instanceof OwnedTask<?> owned ? owned.task : other);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** Work without a value, on behalf of a plugin. */
  record OwnedRunnable(PluginExecutor owner, Runnable work) implements Owned, Runnable {
    OwnedRunnable {
      Objects.requireNonNull(work, "work");
    }

    @Override
    public void run() {
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        owner.failed(e);
        throw e;
      }
    }

    @Override
    public void dropped() {
      if (work instanceof Future<?> future) {
        future.cancel(true);
      }
    }
  }

  /** Work with a value, on behalf of a plugin. */
  record OwnedCallable<V>(PluginExecutor owner, Callable<V> work) implements Owned, Callable<V> {
    OwnedCallable {
      Objects.requireNonNull(work, "work");
    }

    @Override
    public V call() throws Exception {
      return work.call();
    }

    @Override
    public void dropped() {
      // The pool's own future is cancelled, and nobody waits for another.
    }
  }
}
