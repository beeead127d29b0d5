package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;

/**
 * Says where a blob is: its segment, by a hash that never changes, and the one node that owns all
 * segments as long as the node is alone. Immutable.
 */
final class Placement {

  static final int SEGMENTS = SingleNodePlacement.SEGMENTS;

  private final NodeId node;
  private final List<NodeId> owners;

  Placement(NodeId node) {
    this.node = node;
    this.owners = List.of(node);
  }

  /** Returns the node that writes here. */
  NodeId node() {
    return node;
  }

  /** Returns the manifest as it is shown. */
  BlobManifest stamp(BlobManifest manifest) {
    return manifest.withPlacement(segmentOf(manifest.bucket().value(), manifest.key()), owners);
  }

  /** The segment of {@code bucket/key}, as every node finds it. */
  static int segmentOf(String bucket, String key) {
    return KeyHash.segment(KeyHash.of(bucket + "/" + key), SEGMENTS);
  }
}
