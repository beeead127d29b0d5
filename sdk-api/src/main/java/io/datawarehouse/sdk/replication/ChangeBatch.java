package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Objects;

/**
 * A stretch of one node's change feed. Immutable.
 *
 * @param origin whose feed it is
 * @param after the sequence that comes before the first change, 0 for the beginning
 * @param changes in rising order, without a gap; may be empty
 * @param more whether the feed goes on
 * @since 0.1
 */
public record ChangeBatch(NodeId origin, long after, List<Change> changes, boolean more) {

  /** Checks and copies; the error names the field. */
  public ChangeBatch {
    Objects.requireNonNull(origin, "origin");
    if (after < 0) {
      throw WarehouseException.invalid("after", after, "must not be negative");
    }
    changes = List.copyOf(changes);
    long expected = after;
    for (Change change : changes) {
      expected++;
      if (change.sequence() != expected) {
        throw WarehouseException.invalid(
            "changes", change.sequence(), "the next sequence is " + expected);
      }
    }
  }

  /** Returns where the next batch begins: the sequence after which it comes. */
  public long last() {
    return after + changes.size();
  }
}
