package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Says where a blob is: its segment, and the node that owns that. Thread-safe. */
final class Placement {

  private final NodeId node;
  private final Supplier<io.datawarehouse.sdk.cluster.Placement> owners;
  private final Function<BucketName, Optional<ShardMap>> maps;

  /**
   * Makes a placement.
   *
   * @param maps the map of a bucket, where it has one
   */
  Placement(
      NodeId node,
      Supplier<io.datawarehouse.sdk.cluster.Placement> owners,
      Function<BucketName, Optional<ShardMap>> maps) {
    this.node = node;
    this.owners = owners;
    this.maps = maps;
  }

  /** Returns the node that writes here. */
  NodeId node() {
    return node;
  }

  /** Returns the manifest as it is shown. */
  BlobManifest stamp(BlobManifest manifest) {
    // One look at the map: it may be replaced at any moment.
    ShardMap map = mapOf(manifest.bucket());
    int segment = map.segmentOf(manifest.bucket(), manifest.key());
    if (!ShardMap.isOwn(segment)) {
      return manifest.withPlacement(segment, List.of(owner(segment)));
    }
    NodeId owner = map.owner(segment);
    return manifest.withPlacement(segment, owner == null ? List.of() : List.of(owner));
  }

  private ShardMap mapOf(BucketName bucket) {
    return maps.apply(bucket).orElse(ShardMap.HASHED);
  }

  /** Returns the segment of a key: one of the cluster's, or from 256 on one of its bucket's own. */
  int segmentOf(BlobKey key) {
    return mapOf(key.bucket()).segmentOf(key.bucket(), key.key());
  }

  /** Returns the node that owns one of the cluster's segments now. */
  NodeId owner(int segment) {
    return owners.get().owners(segment).get(0);
  }

  /**
   * Returns whether a key lies where a hash of bucket and key puts it, among the segments of the
   * cluster. No rule says then which nodes may hold it.
   */
  boolean followsHash(BlobKey key) {
    return segmentOf(key) == hashed(key);
  }

  /** Returns the segment in which a hash puts a key, wherever its bucket puts it. */
  static int hashed(BlobKey key) {
    return ShardMap.HASHED.segmentOf(key.bucket(), key.key());
  }
}
