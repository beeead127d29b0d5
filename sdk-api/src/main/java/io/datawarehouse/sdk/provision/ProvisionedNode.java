package io.datawarehouse.sdk.provision;

import java.time.Instant;
import java.util.Objects;

/**
 * A node that a provisioner was asked for. Immutable.
 *
 * @param requestId the request that it came from
 * @param state how far it is
 * @param since when it came into that state
 * @param where what people need to find it: a process id, a pod's name
 * @since 0.1
 */
public record ProvisionedNode(String requestId, ProvisionState state, Instant since, String where) {

  /** Checks that nothing is missing. */
  public ProvisionedNode {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(where, "where");
  }
}
