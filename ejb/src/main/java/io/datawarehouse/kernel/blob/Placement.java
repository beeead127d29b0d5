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
    BlobKey key = manifest.blobKey();
    ShardMap map = maps.apply(key.bucket()).orElse(ShardMap.HASHED);
    int segment = map.segmentOf(key.bucket(), key.key());
    if (!ShardMap.isOwn(segment)) {
      return manifest.withPlacement(segment, List.of(owners.get().owners(segment).get(0)));
    }
    NodeId owner = map.owner(segment);
    return manifest.withPlacement(segment, owner == null ? List.of() : List.of(owner));
  }
}
