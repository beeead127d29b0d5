package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One version of a blob among others, or a deletion ({@link BlobManifest#deleted()}). Immutable.
 *
 * @param manifest all that is known of it but its content
 * @param version its place among the others
 * @since 0.1
 */
public record Sibling(BlobManifest manifest, DottedVersion version) {

  /** Checks that nothing is missing. */
  public Sibling {
    Objects.requireNonNull(manifest, "manifest");
    Objects.requireNonNull(version, "version");
  }

  /** Returns the node that took the write. */
  public NodeId writer() {
    return version.dot().node();
  }

  /** Returns those of some siblings that no other of them has seen, each once, sorted by dot. */
  public static List<Sibling> newest(List<Sibling> siblings) {
    return siblings.stream()
        .filter(
            one ->
                siblings.stream()
                    .noneMatch(other -> one.version.compare(other.version) == Causality.BEFORE))
        .collect(
            Collectors.toMap(
                one -> one.version.dot(), one -> one, (one, same) -> one, TreeMap::new))
        .values()
        .stream()
        .toList();
  }
}
