package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.Optional;

/**
 * What stands in the replicated log. Immutable.
 *
 * @param id tells it from all others
 * @param settled every proposal of that run with a lesser sequence has its answer or is given up:
 *     none of them is applied from here on, and what is remembered of them can be forgotten
 * @param capacity how much the registries may hold
 * @param command what to change; empty for a mark that readers wait for
 */
public record Proposal(
    RequestId id, long settled, Capacity capacity, Optional<ClusterCommand> command) {

  /** Checks; the error names the field. */
  public Proposal {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(capacity, "capacity");
    Objects.requireNonNull(command, "command");
    if (settled < 1 || settled > id.sequence()) {
      throw WarehouseException.invalid("settled", settled, "use 1 to the proposal's sequence");
    }
  }
}
