package io.datawarehouse.kernel.fixtureone;

/** A core that sleeps. */
public final class Sleeps {
  public void pause() throws InterruptedException {
    Thread.sleep(1);
  }
}
