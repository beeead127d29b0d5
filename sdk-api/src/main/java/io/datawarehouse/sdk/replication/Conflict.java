package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Objects;

/**
 * Versions of one blob of which none has seen another. Immutable.
 *
 * @param key the blob
 * @param siblings at least two, sorted by dot, pairwise concurrent
 * @since 0.1
 */
public record Conflict(BlobKey key, List<Sibling> siblings) {

  /** Checks and sorts; the error names the field. */
  public Conflict {
    Objects.requireNonNull(key, "key");
    List<Sibling> newest = Sibling.newest(siblings);
    if (newest.size() != siblings.size() || newest.size() < 2) {
      throw WarehouseException.invalid(
          "siblings",
          siblings.size() + " siblings",
          "needs at least two, of which none has seen another");
    }
    siblings = newest;
  }

  /** Returns what somebody has seen who has seen all siblings. */
  public VersionVector seen() {
    return siblings.stream()
        .map(sibling -> sibling.version().seen())
        .reduce(VersionVector.empty(), VersionVector::merge);
  }
}
