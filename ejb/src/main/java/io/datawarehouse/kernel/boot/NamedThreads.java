package io.datawarehouse.kernel.boot;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Gives the threads of another factory names. Thread-safe. */
final class NamedThreads implements ThreadFactory {

  private final String prefix;
  private final ThreadFactory threads;
  private final AtomicInteger number = new AtomicInteger();

  NamedThreads(String prefix, ThreadFactory threads) {
    this.prefix = prefix;
    this.threads = threads;
  }

  @Override
  public @Nullable Thread newThread(Runnable work) {
    Thread thread = threads.newThread(work);
    if (thread != null) {
      thread.setName(prefix + "-" + number.incrementAndGet());
    }
    return thread;
  }
}
