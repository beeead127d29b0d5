package io.datawarehouse.sdk.replication;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What became of a version that arrived. Immutable.
 *
 * @since 0.1
 */
public sealed interface CausalDelivery {

  /**
   * It is in order, and so are others that waited for it.
   *
   * @param versions all that can be used now, causes before effects; at least one
   */
  record Delivered(List<DottedVersion> versions) implements CausalDelivery {
    /** Copies. */
    public Delivered {
      versions = List.copyOf(versions);
    }
  }

  /**
   * It has seen something that did not arrive yet, and waits for it.
   *
   * @param missing for each node of which something is missing, the last write that is
   */
  record Waiting(Set<Dot> missing) implements CausalDelivery {
    /** Copies. */
    public Waiting {
      missing = Set.copyOf(missing);
    }
  }

  /**
   * It was there already, or waits already.
   *
   * @param dot which
   */
  record Duplicate(Dot dot) implements CausalDelivery {
    /** Checks that nothing is missing. */
    public Duplicate {
      Objects.requireNonNull(dot, "dot");
    }
  }
}
