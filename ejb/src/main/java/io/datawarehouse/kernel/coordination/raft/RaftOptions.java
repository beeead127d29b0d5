package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Capacity;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * What a coordinator is set to. Immutable.
 *
 * @param node this node
 * @param run which run of it this is; grows with every start
 * @param directory where its log lies; its own, made if it is missing
 * @param transport where its channel listens
 * @param bootstrapNodes how many nodes are expected to found the group together, up to 255; more
 *     than half of them have to meet. 0 for a node that joins a group and founds none
 * @param capacity how much the registries may hold
 * @param snapshotBytes how large the log becomes before a snapshot takes its place, 64 Ki to 64 Mi
 * @param contact after how long without a word from its leader a node looks for another, 500 ms to
 *     60 s
 * @param readLimit how long a read through the leader may take, more than zero
 */
public record RaftOptions(
    NodeId node,
    long run,
    Path directory,
    ClusterTransport.Options transport,
    int bootstrapNodes,
    Capacity capacity,
    long snapshotBytes,
    Duration contact,
    Duration readLimit) {

  /** Checks; the error names the field. */
  public RaftOptions {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(capacity, "capacity");
    if (run < 1) {
      throw WarehouseException.invalid("run", run, "must be at least 1");
    }
    if (bootstrapNodes < 0 || bootstrapNodes > 255) {
      throw WarehouseException.invalid("bootstrapNodes", bootstrapNodes, "use 0 to 255");
    }
    if (snapshotBytes < 64 << 10 || snapshotBytes > 64 << 20) {
      throw WarehouseException.invalid("snapshotBytes", snapshotBytes, "use 64 Ki to 64 Mi");
    }
    if (contact.toMillis() < 500 || contact.toMillis() > 60_000) {
      throw WarehouseException.invalid("contact", contact, "use 500 ms to 60 s");
    }
    if (readLimit.isNegative() || readLimit.isZero()) {
      throw WarehouseException.invalid("readLimit", readLimit, "must be more than zero");
    }
  }

  /** Returns the options of a node that founds with as many as that, all else by default. */
  public static RaftOptions of(
      NodeId node,
      long run,
      Path directory,
      ClusterTransport.Options transport,
      int bootstrapNodes) {
    return new RaftOptions(
        node,
        run,
        directory,
        transport,
        bootstrapNodes,
        Capacity.DEFAULT,
        1 << 20,
        Duration.ofMillis(1_500),
        Duration.ofSeconds(5));
  }
}
