package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Comparator;

/**
 * One attempt to found a group. Immutable; a later attempt is greater.
 *
 * @param round counts from 1
 * @param node who attempts it
 */
public record FoundingBallot(long round, NodeId node) implements Comparable<FoundingBallot> {

  private static final Comparator<FoundingBallot> ORDER =
      Comparator.comparingLong(FoundingBallot::round).thenComparing(FoundingBallot::node);

  @Override
  public int compareTo(FoundingBallot other) {
    return ORDER.compare(this, other);
  }

  void writeTo(DataOutput out) throws IOException {
    Wire.writeNumber(out, round);
    Wire.writeText(out, node.value());
  }

  static FoundingBallot read(DataInput in) throws IOException {
    return new FoundingBallot(Wire.readNumber(in), new NodeId(Wire.readText(in)));
  }
}
