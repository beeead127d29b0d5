package io.datawarehouse.sdk.provision;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Starts nodes and gives them back: local processes, pods, machines. Thread-safe. When to do so is
 * the coordinator's decision.
 *
 * <p>Every stage completes, at the latest soon after its limit, on a thread of the implementation:
 * what is attached must not block.
 *
 * <p>A provisioner MUST: (1) start at most one node per request id, also after a restart of its
 * own; (2) give back all that a failed node took; (3) give back only nodes that it started; (4)
 * never drain or remove a node from the cluster: that happened before; (5) show no secret in {@link
 * #nodes()}, in a log or in the arguments of a process.
 *
 * @since 0.1
 */
public interface NodeProvisioner {

  /** The capability: several may be installed, {@code dw.provisioning.provider} names one. */
  CapabilityKey<NodeProvisioner> CAPABILITY =
      CapabilityKey.of("provisioning", NodeProvisioner.class, Cardinality.SELECTED);

  /**
   * Starts a node and completes when it runs or failed. The same request again gives the same node.
   */
  CompletionStage<ProvisionedNode> provision(ProvisionRequest request);

  /**
   * Stops a node, gives back what it took, and completes when that is done; giving back what was
   * given back already is no error. Fails with {@code NOT_FOUND} for a node that this provisioner
   * did not start, {@code TIMEOUT} where it still runs after the limit.
   *
   * @param limit how long that may take, more than zero
   */
  CompletionStage<ProvisionedNode> release(NodeId node, Duration limit);

  /** Returns all nodes that it knows of, the latest first; a snapshot, from memory. */
  List<ProvisionedNode> nodes();

  /** Returns how many more nodes it could start, as far as it knows; 0 or more. */
  int room();
}
