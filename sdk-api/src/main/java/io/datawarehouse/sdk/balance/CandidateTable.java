package io.datawarehouse.sdk.balance;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The nodes that a strategy may choose from, numbered. Immutable. A candidate's number is its place
 * in the list and holds in the {@link NodeSignals} that come with every choice; it is that of this
 * table only.
 *
 * @param topologyId which topology this is, 0 or more
 * @param candidates the nodes, sorted by identity, so that all nodes number them alike
 * @since 0.1
 */
public record CandidateTable(long topologyId, List<Candidate> candidates) {

  /**
   * A node that may be chosen. Immutable.
   *
   * @param node its identity
   * @param weight its share compared to others, more than 0
   * @param zone what fails together with it
   * @param local whether it is the node that chooses
   * @since 0.1
   */
  public record Candidate(NodeId node, double weight, String zone, boolean local) {
    /** Checks; the error names the field. */
    public Candidate {
      Objects.requireNonNull(node, "node");
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw WarehouseException.invalid("weight", weight, "must be more than 0");
      }
      Objects.requireNonNull(zone, "zone");
    }
  }

  /** Checks; the error names the field. */
  public CandidateTable {
    if (topologyId < 0) {
      throw WarehouseException.invalid("topologyId", topologyId, "must not be negative");
    }
    candidates = List.copyOf(candidates);
    Set<NodeId> seen = new HashSet<>();
    NodeId last = null;
    for (Candidate candidate : candidates) {
      if (!seen.add(candidate.node())) {
        throw WarehouseException.invalid("candidates", candidate.node(), "each node once");
      }
      if (last != null && last.compareTo(candidate.node()) > 0) {
        throw WarehouseException.invalid("candidates", candidate.node(), "sort by identity");
      }
      last = candidate.node();
    }
  }

  /** Returns how many candidates there are. */
  public int size() {
    return candidates.size();
  }

  /**
   * Returns the node of a number.
   *
   * @throws IndexOutOfBoundsException for a number that is not in the table
   */
  public NodeId node(int number) {
    return candidates.get(number).node();
  }
}
