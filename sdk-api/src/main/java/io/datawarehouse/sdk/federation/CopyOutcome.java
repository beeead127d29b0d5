package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.util.Objects;

/**
 * What became of a copy at the receiver. Immutable. All of these count as success.
 *
 * @since 0.1
 */
public sealed interface CopyOutcome {

  /**
   * The receiver has the version now, durably.
   *
   * @param manifest as it was stored there
   */
  record Stored(BlobManifest manifest) implements CopyOutcome {
    /** Checks that nothing is missing. */
    public Stored {
      Objects.requireNonNull(manifest, "manifest");
    }
  }

  /** The receiver had that version already. */
  record AlreadyThere() implements CopyOutcome {}

  /**
   * The receiver has a version that has seen this one, and keeps it.
   *
   * @param standing the manifest of that version
   */
  record Superseded(BlobManifest standing) implements CopyOutcome {
    /** Checks that nothing is missing. */
    public Superseded {
      Objects.requireNonNull(standing, "standing");
    }
  }
}
