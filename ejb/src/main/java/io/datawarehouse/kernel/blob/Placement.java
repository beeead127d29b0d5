package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Says where a blob is: its segment, by a hash that never changes, and the one node that owns all
 * segments as long as the node is alone. Immutable.
 */
final class Placement {

  static final int SEGMENTS = 256;

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

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

  /** FNV-1a over the UTF-8 of {@code bucket/key}; the high bits, folded, are the better ones. */
  static int segmentOf(String bucket, String key) {
    long hash = mix(FNV_BASIS, bucket.getBytes(StandardCharsets.UTF_8));
    hash = (hash ^ '/') * FNV_PRIME;
    hash = mix(hash, key.getBytes(StandardCharsets.UTF_8));
    hash ^= hash >>> 32;
    hash ^= hash >>> 16;
    hash ^= hash >>> 8;
    return (int) (hash & (SEGMENTS - 1));
  }

  private static long mix(long hash, byte[] bytes) {
    long mixed = hash;
    for (byte b : bytes) {
      mixed = (mixed ^ (b & 0xff)) * FNV_PRIME;
    }
    return mixed;
  }
}
