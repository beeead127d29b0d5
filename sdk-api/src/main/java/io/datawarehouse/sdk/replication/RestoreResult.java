package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Map;
import java.util.Objects;

/**
 * How restoring ended. Immutable.
 *
 * @since 0.1
 */
public sealed interface RestoreResult {

  /**
   * The local copy is whole again.
   *
   * @param manifest the version that is there now
   * @param from who gave it
   */
  record Restored(BlobManifest manifest, NodeId from) implements RestoreResult {
    /** Checks that nothing is missing. */
    public Restored {
      Objects.requireNonNull(manifest, "manifest");
      Objects.requireNonNull(from, "from");
    }
  }

  /**
   * The local copy is whole and nobody has a newer one: nothing was done.
   *
   * @param manifest the version that is there
   */
  record NotNeeded(BlobManifest manifest) implements RestoreResult {
    /** Checks that nothing is missing. */
    public NotNeeded {
      Objects.requireNonNull(manifest, "manifest");
    }
  }

  /**
   * Nobody could give it; what is there locally stays as it is.
   *
   * @param tried why each of those who were asked could not, by node; empty where there is nobody
   */
  record NoSource(Map<NodeId, String> tried) implements RestoreResult {
    /** Copies. */
    public NoSource {
      tried = Map.copyOf(tried);
    }
  }
}
