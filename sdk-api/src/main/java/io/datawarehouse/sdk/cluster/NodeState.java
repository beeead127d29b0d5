package io.datawarehouse.sdk.cluster;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a node is in its membership. What it is worth as a target is its {@link NodeHealth}.
 *
 * <pre>
 *  JOINING ─► ACTIVE ◄─► SUSPECT ◄─► DRAINING ─► LEFT ─► JOINING (again)
 *                │           │           │
 *                └─► DRAINING└──► DEAD ◄─┘       DEAD ─► JOINING (a new incarnation)
 * </pre>
 *
 * @since 0.1
 */
public enum NodeState {
  /** It has been let in and does not own anything yet. */
  JOINING,
  /** It owns segments and takes requests. */
  ACTIVE,
  /** It has not been heard for a while; it takes no requests and keeps what it owns. */
  SUSPECT,
  /** It hands over what it owns and takes no new requests. */
  DRAINING,
  /** It went in good order. */
  LEFT,
  /** It is given up; its copies are made anew elsewhere. */
  DEAD;

  /** Returns the states from which this one can be reached in one step; a copy. */
  public Set<NodeState> predecessors() {
    return switch (this) {
      case JOINING -> EnumSet.of(LEFT, DEAD);
      case ACTIVE -> EnumSet.of(JOINING, SUSPECT, DRAINING);
      case SUSPECT -> EnumSet.of(JOINING, ACTIVE, DRAINING);
      case DRAINING -> EnumSet.of(ACTIVE, SUSPECT);
      case LEFT -> EnumSet.of(JOINING, ACTIVE, SUSPECT, DRAINING);
      case DEAD -> EnumSet.of(JOINING, ACTIVE, SUSPECT, DRAINING);
    };
  }

  /** Returns whether the node belongs to the cluster: neither gone nor given up. */
  public boolean member() {
    return this != LEFT && this != DEAD;
  }

  /** Returns whether new requests may go to the node. */
  public boolean takesRequests() {
    return this == ACTIVE;
  }
}
