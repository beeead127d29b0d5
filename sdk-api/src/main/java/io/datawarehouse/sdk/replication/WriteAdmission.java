package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Objects;

/**
 * What happens to a write at a node. Immutable.
 *
 * @since 0.1
 */
public sealed interface WriteAdmission {

  /**
   * The node takes it.
   *
   * @param copyTo who gets a copy while it comes in, in this order; without the node itself
   * @param quorum how many copies must be durable before it is acknowledged, the node's own
   *     included: 1 to all of them
   */
  record Accept(List<NodeId> copyTo, int quorum) implements WriteAdmission {
    /** Checks and copies; the error names the field. */
    public Accept {
      copyTo = List.copyOf(copyTo);
      if (quorum < 1 || quorum > copyTo.size() + 1) {
        throw WarehouseException.invalid(
            "quorum", quorum, "use 1 to the number of copies, " + (copyTo.size() + 1));
      }
    }
  }

  /**
   * Another node must take it.
   *
   * @param to which
   */
  record Forward(NodeId to) implements WriteAdmission {
    /** Checks that nothing is missing. */
    public Forward {
      Objects.requireNonNull(to, "to");
    }
  }

  /**
   * Nobody can take it now; nothing was stored.
   *
   * @param code what the writer is told; retryable
   * @param reason why, in words
   */
  record Refuse(ErrorCode code, String reason) implements WriteAdmission {
    /** Checks that nothing is missing. */
    public Refuse {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(reason, "reason");
    }
  }
}
