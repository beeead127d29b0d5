package io.datawarehouse.kernel.health;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds threads that wait for each other for ever. */
public final class Deadlocks {

  private Deadlocks() {}

  /** Returns what is to say of such threads, if there are any in this process. */
  public static Optional<String> find() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] ids = threads.findDeadlockedThreads();
    if (ids == null) {
      return Optional.empty();
    }
    String names =
        Arrays.stream(threads.getThreadInfo(ids))
            .filter(Objects::nonNull)
            .map(ThreadInfo::getThreadName)
            .sorted()
            .collect(Collectors.joining(", "));
    return Optional.of("threads wait for each other for ever: " + names);
  }
}
