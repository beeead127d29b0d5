package io.datawarehouse.sdk.metric;

import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Makes instruments. Thread-safe. Asking again with the same name and tags gives the same
 * instrument, so keep it in a field: looking it up costs more than counting.
 *
 * <p>Names are dotted lower case with a unit at the end where there is one ({@code
 * storage.read.bytes}); tags have few values. MUST NOT: put a blob's key, a token, or anything a
 * caller chooses freely into a name or a tag.
 */
public interface Metrics {

  /** Returns the counter with that name and those tags. */
  Counter counter(String name, String help, Map<String, String> tags);

  /** Returns the timer with that name and those tags. */
  Timer timer(String name, String help, Map<String, String> tags);

  /**
   * Registers a gauge; the supplier is called at every scrape, from any thread, and must be quick.
   * Registering again with the same name and tags replaces the supplier.
   */
  void gauge(String name, String help, Map<String, String> tags, DoubleSupplier value);

  /** A number that only grows. Thread-safe. */
  interface Counter {
    /** Adds one. */
    default void increment() {
      add(1);
    }

    /** Adds {@code amount}, which must not be negative. */
    void add(double amount);
  }

  /** Counts durations. Thread-safe. */
  interface Timer {
    /** Records a duration in nanoseconds. */
    void record(long nanos);
  }
}
