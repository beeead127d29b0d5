package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * The name of one write: who took it, and the how-manieth of its writes it was. Immutable.
 *
 * @param node who took it
 * @param counter the how-manieth, at least 1
 * @since 0.1
 */
public record Dot(NodeId node, long counter) implements Comparable<Dot> {

  /** Checks; the error names the field. */
  public Dot {
    Objects.requireNonNull(node, "node");
    if (counter < 1) {
      throw WarehouseException.invalid("counter", counter, "must be at least 1");
    }
  }

  @Override
  public int compareTo(Dot other) {
    int byNode = node.compareTo(other.node);
    return byNode != 0 ? byNode : Long.compare(counter, other.counter);
  }

  @Override
  public String toString() {
    return node + ":" + counter;
  }
}
