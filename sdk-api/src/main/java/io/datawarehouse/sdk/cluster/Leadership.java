package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.Optional;

/**
 * Who leads, as this node knows it. Immutable. It may be out of date by the time it is read: what
 * must not happen twice goes through the coordinator, not through a look at this.
 *
 * @param leader who leads; empty while nobody does
 * @param term grows with every election, 0 or more
 * @param quorum how many voting nodes make a majority, at least 1
 * @param available whether this node reaches a leader that has its majority
 * @since 0.1
 */
public record Leadership(Optional<NodeId> leader, long term, int quorum, boolean available) {

  /** Checks; the error names the field. */
  public Leadership {
    Objects.requireNonNull(leader, "leader");
    if (term < 0) {
      throw WarehouseException.invalid("term", term, "must not be negative");
    }
    if (quorum < 1) {
      throw WarehouseException.invalid("quorum", quorum, "must be at least 1");
    }
  }

  /** Returns the leadership of a node that is alone: its own, for ever. */
  public static Leadership alone(NodeId node) {
    return new Leadership(Optional.of(node), 1, 1, true);
  }

  /** Returns whether that node leads. */
  public boolean leads(NodeId node) {
    return leader.isPresent() && leader.get().equals(node);
  }
}
