package io.datawarehouse.kernel.fixtureone;

/** A core that asks the system for milliseconds. */
public final class ReadsCurrentTimeMillis {
  public long read() {
    return System.currentTimeMillis();
  }
}
