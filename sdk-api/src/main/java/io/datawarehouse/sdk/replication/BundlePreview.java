package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What would happen if a bundle were applied here. Immutable.
 *
 * @param bundleId the bundle's identity
 * @param fromSite where it was made
 * @param counts how many changes of each kind, every kind in it
 * @param attention the changes that somebody should look at, at most as many as were asked for
 * @since 0.1
 */
public record BundlePreview(
    String bundleId, String fromSite, Map<Kind, Long> counts, List<Entry> attention) {

  /** What a change would do here. */
  public enum Kind {
    /** The blob is not known here. */
    NEW,
    /** The very version is here already. */
    SAME,
    /** It has seen the version that is here and takes its place. */
    NEWER,
    /** The version that is here has seen it; nothing would happen. */
    OLDER,
    /** Both were written without knowing of each other. */
    CONCURRENT,
    /** One of the two deletes what the other changed without knowing of it. */
    DELETE_VERSUS_EDIT
  }

  /**
   * One change that somebody should look at. Immutable.
   *
   * @param key the blob
   * @param kind what it would do
   * @param resolution what the bucket's resolver would make of it; empty where nothing is resolved
   * @since 0.1
   */
  public record Entry(BlobKey key, Kind kind, Optional<Resolution> resolution) {
    /** Checks that nothing is missing. */
    public Entry {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(resolution, "resolution");
    }
  }

  /** Checks, copies and fills the counts up with zeros. */
  public BundlePreview {
    Objects.requireNonNull(bundleId, "bundleId");
    Objects.requireNonNull(fromSite, "fromSite");
    Map<Kind, Long> all = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      long count = counts.getOrDefault(kind, 0L);
      if (count < 0) {
        throw WarehouseException.invalid("counts." + kind, count, "must not be negative");
      }
      all.put(kind, count);
    }
    counts = Map.copyOf(all);
    attention = List.copyOf(attention);
  }

  /**
   * Returns what one version from elsewhere would do to another that is here.
   *
   * @param incoming the version from elsewhere
   * @param standing the version that is here; empty for none
   */
  public static Kind classify(Sibling incoming, Optional<Sibling> standing) {
    if (standing.isEmpty()) {
      return Kind.NEW;
    }
    Sibling here = standing.get();
    return switch (incoming.version().compare(here.version())) {
      case EQUAL -> Kind.SAME;
      case AFTER -> Kind.NEWER;
      case BEFORE -> Kind.OLDER;
      case CONCURRENT ->
          incoming.manifest().deleted() != here.manifest().deleted()
              ? Kind.DELETE_VERSUS_EDIT
              : Kind.CONCURRENT;
    };
  }
}
