package io.datawarehouse.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;

/** Counts what a thread allocates; exact on the JVMs that the warehouse runs on. */
public final class Allocations {

  private static final int CALLS = 20_000;

  /** Asking for the figure allocates a little itself; one object a call would be 320 kB. */
  private static final long OF_THE_QUESTION = 16_000;

  private Allocations() {}

  /**
   * Fails when a call allocates as a matter of course. The first calls, in which classes are loaded
   * and code is compiled, do not count.
   *
   * @param what names the call in the message
   * @param call gets the number of the call
   */
  public static void requireNone(String what, IntConsumer call) {
    requireAtMost(0, what, call);
  }

  /** The same for calls that may allocate that many bytes each. */
  public static void requireAtMost(int bytes, String what, IntConsumer call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (int i = 0; i < CALLS; i++) {
      call.accept(i);
    }
    long before = threads.getThreadAllocatedBytes(self);
    for (int i = 0; i < CALLS; i++) {
      call.accept(i);
    }
    long allocated = threads.getThreadAllocatedBytes(self) - before;
    assertThat(allocated)
        .as("bytes for %s calls of %s", CALLS, what)
        .isLessThan(OF_THE_QUESTION + (long) bytes * CALLS);
  }
}
