package io.datawarehouse.benchmarks.report;

import java.time.Duration;

/** One of the things that are compared. */
public interface Subject {

  /** Returns its name, as it stands in the table. */
  String name();

  /** Works as fast as it can for that long and returns what it did. */
  Measured run(Duration time) throws Exception;

  /** Works for that long so that everything is compiled; nothing is measured. */
  default void warmUp(Duration time) throws Exception {
    run(time);
  }

  /**
   * What a subject did in one round.
   *
   * @param perSecond operations, or bytes, per second
   * @param p50Micros the median time of one operation; 0 where it was not taken
   * @param p99Micros the time that 99 of 100 operations kept
   */
  record Measured(double perSecond, double p50Micros, double p99Micros) {}
}
