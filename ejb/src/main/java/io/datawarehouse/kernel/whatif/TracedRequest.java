package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;

/**
 * A request of a trace. Immutable.
 *
 * @param atMillis when it is sent, counted from the beginning of the trace
 * @param sender which of the senders sends it, from 0 on
 * @param keyed whether it has a key
 * @param keyHash the key's {@link io.datawarehouse.sdk.cluster.KeyHash}; 0 without a key
 * @param workMillis how long a node of speed 1 works on it
 * @param bytes what travels with it
 * @param home where its key is, where that is not what its hash says: the sharding of its bucket
 *     says otherwise, or its owner was away
 */
public record TracedRequest(
    double atMillis,
    int sender,
    boolean keyed,
    long keyHash,
    double workMillis,
    long bytes,
    Optional<NodeId> home) {

  /** Makes a request whose key, if it has one, is where its hash says. */
  public TracedRequest(
      double atMillis, int sender, boolean keyed, long keyHash, double workMillis, long bytes) {
    this(atMillis, sender, keyed, keyHash, workMillis, bytes, Optional.empty());
  }
}
