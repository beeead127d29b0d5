package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;

/**
 * Proofs that a node holds the join token, without showing it. Thread-safe; never blocks.
 *
 * <p>A proof is text of at most 1024 characters, good for one use at one place within a short time.
 * It names the node, its run and what it is for, and is bound to them.
 */
public interface JoinProofs {

  /**
   * Makes a proof of this node's.
   *
   * @param purpose what it is for, for example {@code jgroups} or {@code bus}; a proof for one
   *     purpose is worth nothing for another
   */
  String mint(String purpose);

  /**
   * Judges a proof of another node. A refusal is counted and audited here; so is a proof that was
   * used before.
   *
   * @param from the address that it came from, for the audit
   */
  Verdict verify(String purpose, String proof, String from);

  /** What a proof is worth. Immutable. */
  sealed interface Verdict {

    /**
     * It is good.
     *
     * @param nodeId who made it
     * @param incarnation in which run
     */
    record Accepted(NodeId nodeId, long incarnation) implements Verdict {}

    /**
     * It is not.
     *
     * @param reason why, in words; holds no secret
     */
    record Refused(String reason) implements Verdict {}
  }
}
