package io.datawarehouse.kernel.boot.cdi;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads of the container while the application runs. Once it is being taken down the container
 * gives none, or gives threads that refuse to work; what has to be stopped then gets plain ones.
 * Thread-safe.
 */
final class ContainerThreads implements ThreadFactory {

  private final ThreadFactory managed;
  private final ClassLoader loader;
  private volatile boolean ending;

  ContainerThreads(ThreadFactory managed, ClassLoader loader) {
    this.managed = managed;
    this.loader = loader;
  }

  /** Asks the container for no more threads. */
  void end() {
    ending = true;
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = ending ? null : managedThread(work);
    if (thread == null) {
      thread = new Thread(work);
      thread.setContextClassLoader(loader);
    }
    thread.setDaemon(true);
    return thread;
  }

  private @Nullable Thread managedThread(Runnable work) {
    try {
      return managed.newThread(work);
    } catch (IllegalStateException e) {
      return null;
    }
  }
}
