package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.balance.PeerSignals;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.cluster.NodeLoad;
import java.util.Arrays;

/**
 * What one sender of a simulation knows of the nodes, measured and smoothed as a real one does.
 * Memory and disk are not simulated and so not known. Confined to one thread.
 */
public final class SimulatedSignals implements NodeSignals {

  private static final double NANOS = 1e6;

  private final PeerSignals[] nodes;
  private final int[] inFlight;

  SimulatedSignals(int size) {
    nodes = new PeerSignals[size];
    Arrays.setAll(nodes, number -> new PeerSignals());
    inFlight = new int[size];
  }

  void sent(int number) {
    inFlight[number]++;
  }

  void answered(int number, double tookMillis, double nowMillis) {
    inFlight[number]--;
    nodes[number].answered((long) (tookMillis * NANOS), (long) (nowMillis * NANOS));
  }

  void said(int number, double percent, double nowMillis) {
    long now = (long) (nowMillis * NANOS);
    nodes[number].said(new NodeLoad(percent, 0, 0, inFlight[number], 0, 0), now);
    nodes[number].tick(now);
  }

  @Override
  public int size() {
    return inFlight.length;
  }

  @Override
  public boolean usable(int number) {
    return true;
  }

  @Override
  public int inFlight(int number) {
    return inFlight[number];
  }

  @Override
  public long latencyNanos(int number) {
    return nodes[number].latencyNanos();
  }

  @Override
  public double cpuPercent(int number) {
    NodeLoad load = nodes[number].load();
    return load == null ? Double.NaN : load.cpuPercent();
  }

  @Override
  public double memoryPercent(int number) {
    return Double.NaN;
  }

  @Override
  public double diskPercent(int number) {
    return Double.NaN;
  }

  @Override
  public double requestsPerSecond(int number) {
    return Double.NaN;
  }

  @Override
  public double warmth(int number) {
    return 1;
  }
}
