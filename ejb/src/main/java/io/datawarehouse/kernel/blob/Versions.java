package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Makes the manifest of the version that follows another. Thread-safe. */
final class Versions {

  private final NodeId node;
  private final Clock clock;

  Versions(NodeId node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  /** The key keeps its time of creation; its time of change never goes back with the clock. */
  BlobManifest next(
      WriteBlob command,
      CausalContext seen,
      ContentIntake.Taken taken,
      Optional<BlobManifest> present) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant modified =
        present.map(BlobManifest::lastModified).filter(last -> last.isAfter(now)).orElse(now);
    CausalContext context =
        present.map(Versions::contextOf).orElse(CausalContext.NONE).merge(seen).advance(node);
    return new BlobManifest(
        command.bucket(),
        command.key(),
        taken.size(),
        taken.size(),
        command.contentType(),
        taken.etag(),
        context.text(),
        present.map(BlobManifest::createdAt).orElse(modified),
        modified,
        command.tags(),
        List.of(),
        0,
        List.of(),
        false);
  }

  private static CausalContext contextOf(BlobManifest stored) {
    try {
      return CausalContext.parse(stored.context());
    } catch (WarehouseException e) {
      throw new WarehouseException(
          StandardErrorCode.INTERNAL_ERROR,
          "the stored causal context of " + stored.blobKey() + " cannot be read",
          e);
    }
  }
}
