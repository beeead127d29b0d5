package io.datawarehouse.kernel.context;

import io.datawarehouse.kernel.context.SharedExecutor.OwnedCallable;
import io.datawarehouse.kernel.context.SharedExecutor.OwnedRunnable;
import io.datawarehouse.sdk.plugin.PluginId;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The shared threads as one plugin sees them. Thread-safe. Shutting it down ends the plugin's own
 * tasks and nothing else.
 */
final class PluginExecutor extends AbstractExecutorService implements ScheduledExecutorService {

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final PluginId plugin;
  private final SharedExecutor shared;
  private final System.Logger logger;
  private volatile boolean shutdown;

  PluginExecutor(PluginId plugin, SharedExecutor shared, System.Logger logger) {
    this.plugin = plugin;
    this.shared = shared;
    this.logger = logger;
  }

  /** Says that work failed of which nobody may hear otherwise. */
  void failed(Throwable thrown) {
    logger.log(System.Logger.Level.WARNING, () -> "a task of plugin " + plugin + " failed", thrown);
  }

  @Override
  public void execute(Runnable command) {
    admit();
    shared.execute(new OwnedRunnable(this, command));
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    admit();
    return shared.schedule((Runnable) new OwnedRunnable(this, command), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    admit();
    return shared.schedule((Callable<V>) new OwnedCallable<>(this, callable), delay, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    admit();
    return shared.scheduleAtFixedRate(new OwnedRunnable(this, command), initialDelay, period, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    admit();
    return shared.scheduleWithFixedDelay(
        new OwnedRunnable(this, command), initialDelay, delay, unit);
  }

  private void admit() {
    if (shutdown) {
      throw new RejectedExecutionException("plugin " + plugin + " has stopped");
    }
    shared.admit(this);
  }

  @Override
  public void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    shared.cancel(this);
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown && shared.isIdle(this);
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long begin = System.nanoTime();
    while (!isTerminated()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (System.nanoTime() - begin >= unit.toNanos(timeout)) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  @Override
  public String toString() {
    return plugin.value();
  }
}
