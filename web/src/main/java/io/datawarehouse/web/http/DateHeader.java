package io.datawarehouse.web.http;

import java.time.Clock;

/** The {@code Date} of responses, written once a second. Thread-safe. */
public final class DateHeader {

  private static final long MILLIS = 1000;

  private record Written(long second, String text) {}

  private final Clock clock;
  private volatile Written last = new Written(Long.MIN_VALUE, "");

  /** Makes a header by a clock. */
  public DateHeader(Clock clock) {
    this.clock = clock;
  }

  /** Returns the present time in the header's form. */
  public String now() {
    long second = Math.floorDiv(clock.millis(), MILLIS);
    Written written = last;
    if (written.second != second) {
      written = new Written(second, HttpDate.format(clock.instant()));
      last = written;
    }
    return written.text;
  }
}
