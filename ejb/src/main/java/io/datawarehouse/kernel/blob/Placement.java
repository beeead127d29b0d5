package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.function.Supplier;

/**
 * Says where a blob is: its segment, by a hash that never changes, and the node that owns the
 * segment. Thread-safe.
 */
final class Placement {

  static final int SEGMENTS = SingleNodePlacement.SEGMENTS;

  private final NodeId node;
  private final Supplier<io.datawarehouse.sdk.cluster.Placement> owners;

  Placement(NodeId node, Supplier<io.datawarehouse.sdk.cluster.Placement> owners) {
    this.node = node;
    this.owners = owners;
  }

  /** Returns the node that writes here. */
  NodeId node() {
    return node;
  }

  /** Returns the manifest as it is shown. */
  BlobManifest stamp(BlobManifest manifest) {
    int segment = segmentOf(manifest.blobKey());
    return manifest.withPlacement(segment, List.of(owners.get().owners(segment).get(0)));
  }

  /** Returns the node that owns a segment now. */
  NodeId owner(int segment) {
    return owners.get().owners(segment).get(0);
  }

  static int segmentOf(BlobKey key) {
    return segmentOf(key.bucket().value(), key.key());
  }

  /** The segment of {@code bucket/key}, as every node finds it. */
  static int segmentOf(String bucket, String key) {
    return KeyHash.segment(KeyHash.of(bucket + "/" + key), SEGMENTS);
  }
}
