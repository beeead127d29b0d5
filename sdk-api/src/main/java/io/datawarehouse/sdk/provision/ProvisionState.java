package io.datawarehouse.sdk.provision;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;

/**
 * How far a node is that was asked for. Immutable.
 *
 * @since 0.1
 */
public sealed interface ProvisionState {

  /** It was asked for and has not begun to run. */
  record Requested() implements ProvisionState {}

  /**
   * It runs. That it joined the cluster shows in the membership.
   *
   * @param node its identity
   */
  record Running(NodeId node) implements ProvisionState {
    /** Checks that nothing is missing. */
    public Running {
      Objects.requireNonNull(node, "node");
    }
  }

  /**
   * It will not run; what it took has been given back.
   *
   * @param reason why, in words
   */
  record Failed(String reason) implements ProvisionState {
    /** Checks that nothing is missing. */
    public Failed {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** It was given back. */
  record Released() implements ProvisionState {}

  /** Returns whether nothing more will happen by itself: it runs, failed or was given back. */
  default boolean settled() {
    return !(this instanceof Requested);
  }
}
