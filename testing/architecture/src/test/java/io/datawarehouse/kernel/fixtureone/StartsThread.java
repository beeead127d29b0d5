package io.datawarehouse.kernel.fixtureone;

/** A core that creates a thread. */
public final class StartsThread {
  public Thread create(Runnable task) {
    return new Thread(task, "fixture");
  }
}
