package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.Set;

/**
 * The answer to a {@link FederationHello}. Immutable.
 *
 * @since 0.1
 */
public sealed interface FederationWelcome {

  /**
   * The two kernels work together.
   *
   * @param nodeId who answers
   * @param incarnation which run of it, at least 1
   * @param protocol the version of the wire protocol that both use from now on, at least 1
   * @param features the optional abilities that both have
   */
  record Accepted(NodeId nodeId, long incarnation, int protocol, Set<String> features)
      implements FederationWelcome {
    /** Checks and copies; the error names the field. */
    public Accepted {
      Objects.requireNonNull(nodeId, "nodeId");
      if (incarnation < 1) {
        throw WarehouseException.invalid("incarnation", incarnation, "must be at least 1");
      }
      if (protocol < 1) {
        throw WarehouseException.invalid("protocol", protocol, "must be at least 1");
      }
      features = Set.copyOf(features);
    }
  }

  /**
   * They do not.
   *
   * @param cause what kind of refusal
   * @param detail what does not fit, in words; holds no secret
   */
  record Refused(Cause cause, String detail) implements FederationWelcome {
    /** Checks that nothing is missing. */
    public Refused {
      Objects.requireNonNull(cause, "cause");
      Objects.requireNonNull(detail, "detail");
    }
  }

  /** Why two kernels do not work together. */
  enum Cause {
    /** They belong to different clusters and nobody federated these. */
    OTHER_CLUSTER,
    /** It is the same node. */
    SAME_NODE,
    /** No protocol version that both speak. */
    INCOMPATIBLE,
    /** The other one is not let in. */
    NOT_ADMITTED
  }
}
