package io.datawarehouse.kernel.fixtureone;

import java.time.Instant;

/** A core that asks the system for the time. */
public final class ReadsInstantNow {
  public Instant read() {
    return Instant.now();
  }
}
