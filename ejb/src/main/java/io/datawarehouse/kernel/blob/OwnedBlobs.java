package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.sdk.blob.BlobKey;

/** Lets in what this node owns, of buckets that the cluster has. Thread-safe. */
final class OwnedBlobs implements Admission {

  private final Territory territory;
  private final BucketRegistry registry;

  OwnedBlobs(Territory territory, BucketRegistry registry) {
    this.territory = territory;
    this.registry = registry;
  }

  @Override
  public void read(BlobKey key) {
    territory.requireOwned(Placement.segmentOf(key));
    registry.require(key.bucket());
  }

  @Override
  public Passage change(BlobKey key) {
    Territory.Passage segment = territory.enter(Placement.segmentOf(key));
    try {
      Passage bucket = registry.enter(key.bucket());
      return () -> {
        bucket.close();
        segment.close();
      };
    } catch (RuntimeException e) {
      segment.close();
      throw e;
    }
  }
}
