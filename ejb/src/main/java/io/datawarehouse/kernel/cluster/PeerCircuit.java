package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;

/**
 * The circuit between this node and one operation of another. Immutable.
 *
 * @param peer the other node
 * @param operation the topic
 * @param state as it is now
 * @param ordered what an operator ordered; empty where it follows what happens
 * @param inFlight how many requests are under way
 * @param limit how many may be
 * @param successes requests that were answered
 * @param failures requests that were not, or too late, or with an error of the node's own
 * @param prevented requests that were refused here
 */
public record PeerCircuit(
    NodeId peer,
    String operation,
    State state,
    Optional<State> ordered,
    int inFlight,
    int limit,
    long successes,
    long failures,
    long prevented) {

  /** Whether requests go through. */
  public enum State {
    /** They do. */
    CLOSED,
    /** They are refused at once. */
    OPEN,
    /** A few do, to find out. */
    HALF_OPEN
  }
}
