package io.datawarehouse.sdk.cluster;

import java.util.Objects;

/**
 * How joining ended. Being refused is an answer, not an exception. Immutable.
 *
 * @since 0.1
 */
public sealed interface JoinResult {

  /**
   * The node is a member.
   *
   * @param view the cluster with it
   */
  record Joined(ClusterView view) implements JoinResult {
    /** Checks that nothing is missing. */
    public Joined {
      Objects.requireNonNull(view, "view");
    }
  }

  /**
   * The cluster does not want the node; asking again changes nothing.
   *
   * @param cause what kind of refusal
   * @param detail what was wrong, in words; holds no secret
   */
  record Refused(Cause cause, String detail) implements JoinResult {
    /** Checks that nothing is missing. */
    public Refused {
      Objects.requireNonNull(cause, "cause");
      Objects.requireNonNull(detail, "detail");
    }
  }

  /**
   * Nobody let the node in before the limit; asking again may help.
   *
   * @param detail what was tried, in words
   */
  record TimedOut(String detail) implements JoinResult {
    /** Checks that nothing is missing. */
    public TimedOut {
      Objects.requireNonNull(detail, "detail");
    }
  }

  /** Why a cluster does not want a node. */
  enum Cause {
    /** The join token or the certificate is not good. */
    NOT_ADMITTED,
    /** The cluster has another name. */
    OTHER_CLUSTER,
    /** Another living node has the same identity. */
    IDENTITY_TAKEN,
    /** The versions cannot work together. */
    INCOMPATIBLE
  }

  /** Returns whether the node is a member now. */
  default boolean joined() {
    return this instanceof Joined;
  }
}
