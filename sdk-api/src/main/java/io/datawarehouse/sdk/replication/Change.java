package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * One entry of a node's change feed: a version was written, or a blob deleted. Immutable.
 *
 * @param sequence its place in the feed of that node, at least 1, without a gap
 * @param sibling the version, or the deletion
 * @since 0.1
 */
public record Change(long sequence, Sibling sibling) {

  /** Checks; the error names the field. */
  public Change {
    if (sequence < 1) {
      throw WarehouseException.invalid("sequence", sequence, "must be at least 1");
    }
    Objects.requireNonNull(sibling, "sibling");
  }
}
