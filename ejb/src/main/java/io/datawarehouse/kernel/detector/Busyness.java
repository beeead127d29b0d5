package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.NodeLoad;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a node has no room left, from what it says of its load: processors count smoothly,
 * and the judgement ends a bit below where it begins, so that it does not come and go. Confined.
 */
final class Busyness {

  private static final double ENDS_BELOW = 5;
  private static final double SMOOTHING = 0.2;

  private final double limit;
  private @Nullable NodeLoad latest;
  private double cpu;
  private boolean busy;

  Busyness(double limitPercent) {
    this.limit = limitPercent;
  }

  /** Takes what the node says now; the same object again says nothing new, an equal one does. */
  @SuppressWarnings("ReferenceEquality")
  boolean with(NodeLoad load) {
    NodeLoad before = latest;
    if (load != before) {
      latest = load;
      cpu = before == null ? load.cpuPercent() : cpu + SMOOTHING * (load.cpuPercent() - cpu);
      double most = Math.max(cpu, Math.max(load.memoryPercent(), load.diskPercent()));
      busy = most >= limit - (busy ? ENDS_BELOW : 0);
    }
    return busy;
  }
}
