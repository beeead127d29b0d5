package io.datawarehouse.sdk.cluster;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.util.List;
import java.util.function.Consumer;

/**
 * Who belongs to the cluster, as this node knows it. Thread-safe. Plugins look and listen; joining
 * and leaving are the kernel's, through {@link Member}.
 *
 * <p>An implementation MUST: (1) answer {@link #view()} from memory, without waiting and without
 * allocating; (2) replace the view as a whole, with a greater topology id, before it tells
 * listeners; (3) tell every listener of every change of one node in the order in which they
 * happened, from one thread at a time, and never under a lock of its own; (4) log and survive a
 * listener that throws; (5) hold the local node in the view at all times; (6) tell two runs of one
 * node apart by the incarnation and ignore news of an earlier one.
 *
 * @since 0.1
 */
public interface ClusterMembership {

  /** The capability: {@code dw.cluster.membership.provider} names the one that runs. */
  CapabilityKey<ClusterMembership> CAPABILITY =
      CapabilityKey.of("cluster.membership", ClusterMembership.class, Cardinality.SELECTED);

  /** Returns the identity of this node. */
  NodeId localNodeId();

  /** Returns the present snapshot; never null, never waits. */
  ClusterView view();

  /**
   * Returns what happened to a node, oldest first, as far as it is remembered (at least the last 16
   * changes); empty for a node that is not known.
   */
  List<MembershipChange> history(NodeId node);

  /**
   * Tells the listener of every change from now on. It must be quick and must not block: it delays
   * the news for everybody else.
   */
  Watch watch(Consumer<MembershipChange> listener);

  /**
   * The same with what changes it: held by the kernel alone, never handed to a plugin. Thread-safe.
   *
   * @since 0.1
   */
  interface Member extends ClusterMembership {

    /**
     * Joins the cluster and returns when the node is let in, or is not. Blocks for at most the
     * request's limit; restores the interrupt and counts as timed out when interrupted.
     *
     * <p>Calling it while the node is a member answers {@link JoinResult.Joined} with the present
     * view.
     */
    JoinResult join(JoinRequest request);

    /**
     * Says that a member hands over what it owns and takes no new requests. One that is SUSPECT is
     * not told: it would follow when it is back.
     *
     * @param reason why, for the history
     * @return whether that was a change; {@code false} if it drains already or has gone
     * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} for a node that is
     *     not known
     */
    boolean drain(NodeId node, String reason);

    /**
     * Leaves in good order; the node is LEFT in everybody's view soon after. Never blocks for
     * longer than a few seconds; does nothing the second time.
     *
     * @param reason why, for the history
     */
    void leave(String reason);
  }
}
