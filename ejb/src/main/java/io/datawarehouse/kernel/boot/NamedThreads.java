package io.datawarehouse.kernel.boot;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Gives the threads of another factory names. Thread-safe. */
final class NamedThreads implements ThreadFactory {

  private final String prefix;
  private final ThreadFactory threads;
  private final boolean daemons;
  private final AtomicInteger number = new AtomicInteger();

  NamedThreads(String prefix, ThreadFactory threads) {
    this(prefix, threads, false);
  }

  private NamedThreads(String prefix, ThreadFactory threads, boolean daemons) {
    this.prefix = prefix;
    this.threads = threads;
    this.daemons = daemons;
  }

  /** Returns a factory whose threads do not keep the process alive. */
  static NamedThreads daemons(String prefix, ThreadFactory threads) {
    return new NamedThreads(prefix, threads, true);
  }

  @Override
  public @Nullable Thread newThread(Runnable work) {
    Thread thread = threads.newThread(work);
    if (thread != null) {
      thread.setName(prefix + "-" + number.incrementAndGet());
      if (daemons) {
        thread.setDaemon(true);
      }
    }
    return thread;
  }
}
