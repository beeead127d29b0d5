package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.NodeSignals;
import java.util.SplittableRandom;

/** Signals that are others each time they are looked at; from a seed. Confined to one thread. */
final class RestlessSignals implements NodeSignals {

  private static final double[] SHARES = {Double.NaN, 0, 0.1, 50, 99.9, 100};
  private static final long[] LATENCIES = {-1, 0, 1, 1_000_000, Long.MAX_VALUE};

  private final int size;
  private final SplittableRandom random;

  RestlessSignals(int size, long seed) {
    this.size = size;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean usable(int number) {
    return random.nextBoolean();
  }

  @Override
  public int inFlight(int number) {
    return random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(10);
  }

  @Override
  public long latencyNanos(int number) {
    return LATENCIES[random.nextInt(LATENCIES.length)];
  }

  @Override
  public double cpuPercent(int number) {
    return share();
  }

  @Override
  public double memoryPercent(int number) {
    return share();
  }

  @Override
  public double diskPercent(int number) {
    return share();
  }

  @Override
  public double requestsPerSecond(int number) {
    return share();
  }

  @Override
  public double warmth(int number) {
    return 0.01 + random.nextDouble() * 0.99;
  }

  private double share() {
    return SHARES[random.nextInt(SHARES.length)];
  }
}
