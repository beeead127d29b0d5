package io.datawarehouse.kernel.boot.cdi;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads of the container, as long as it gives some. While an application is being taken down the
 * container may refuse its managed threads; what has to be stopped then still needs one.
 * Thread-safe.
 */
final class ContainerThreads implements ThreadFactory {

  private final ThreadFactory managed;
  private final ClassLoader loader;

  ContainerThreads(ThreadFactory managed, ClassLoader loader) {
    this.managed = managed;
    this.loader = loader;
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = managedThread(work);
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
