package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Takes the votes of nodes that cannot drain, because they are gone. The cluster agrees on it, so
 * that whoever leads next knows it too; a node that comes back gets its vote again. Thread-safe.
 */
public final class RetiredNodes implements AutoCloseable {

  /** Where it is agreed on; an entry is named by its node. */
  static final String REGISTRY = "retired";

  /** The run of a node of which nothing is known. */
  public static final long ANY_RUN = 0;

  private final ClusterMembership membership;
  private final ClusterCoordinator coordinator;
  private final Consumer<NodeId> votes;
  private final Duration limit;
  private final Watch watch;

  /**
   * Follows what is agreed on from now on.
   *
   * @param votes takes a node's vote, on every node
   * @param limit for an agreement
   */
  public RetiredNodes(
      ClusterMembership membership,
      ClusterCoordinator coordinator,
      Consumer<NodeId> votes,
      Duration limit) {
    this.membership = membership;
    this.coordinator = coordinator;
    this.votes = votes;
    this.limit = limit;
    this.watch = coordinator.watch(REGISTRY, change -> change.entry().ifPresent(this::takeVote));
  }

  private void takeVote(RegistryEntry entry) {
    NodeId node = new NodeId(entry.address().key());
    // The log is read again after a restart; the node may have come back since.
    boolean back = membership.view().find(node).filter(known -> !isGone(known.state())).isPresent();
    if (!back) {
      votes.accept(node);
    }
  }

  /** Whether a node in that state is given up rather than drained. */
  public static boolean isGone(NodeState state) {
    return state == NodeState.SUSPECT || state == NodeState.DEAD || state == NodeState.LEFT;
  }

  /**
   * Gives a node up; returns when the cluster has agreed on it.
   *
   * @param run its last run as far as it is known, else {@link #ANY_RUN}
   * @throws WarehouseException {@code UNAVAILABLE} without a majority, {@code TIMEOUT} where it is
   *     not known whether it was agreed on
   */
  public void giveUp(NodeId node, long run) {
    try {
      var unused =
          coordinator
              .propose(
                  new ClusterCommand.Put(
                      new RegistryEntry.Address(REGISTRY, node.value()),
                      Long.toString(run),
                      OptionalLong.empty()),
                  limit)
              .toCompletableFuture()
              .get(2 * limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause()) instanceof WarehouseException known
          ? known
          : new WarehouseException(
              StandardErrorCode.UNAVAILABLE, "the cluster cannot agree to give a node up", e);
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "whether the node was given up is not known", e);
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
