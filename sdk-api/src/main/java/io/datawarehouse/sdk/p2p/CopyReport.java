package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.federation.CopyOutcome;
import java.util.List;
import java.util.Objects;

/**
 * What became of the copies of one version. Immutable.
 *
 * @param copies one for each target that was tried, in the order in which they ended
 * @since 0.1
 */
public record CopyReport(List<Copy> copies) {

  /**
   * One copy. Immutable.
   *
   * @since 0.1
   */
  public sealed interface Copy {

    /** Returns the node that was to get it. */
    NodeId target();

    /**
     * The target has it, or a later one.
     *
     * @param target the node
     * @param outcome how
     */
    record Done(NodeId target, CopyOutcome outcome) implements Copy {
      /** Checks that nothing is missing. */
      public Done {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(outcome, "outcome");
      }
    }

    /**
     * The target does not have it.
     *
     * @param target the node
     * @param code why
     * @param detail why, in words
     */
    record Failed(NodeId target, ErrorCode code, String detail) implements Copy {
      /** Checks that nothing is missing. */
      public Failed {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(detail, "detail");
      }
    }
  }

  /** Copies. */
  public CopyReport {
    copies = List.copyOf(copies);
  }

  /** Returns how many targets have it. */
  public int done() {
    return (int) copies.stream().filter(Copy.Done.class::isInstance).count();
  }
}
