package io.datawarehouse.kernel.fixtureone;

import java.time.Clock;

/** A core that makes its own clock. */
public final class ReadsSystemClock {
  public Clock read() {
    return Clock.systemUTC();
  }
}
