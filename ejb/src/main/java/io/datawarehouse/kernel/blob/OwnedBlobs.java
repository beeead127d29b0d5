package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.sdk.blob.BlobKey;

/** Lets in what this node owns, of buckets that the cluster has. Thread-safe. */
final class OwnedBlobs implements Admission {

  private final Territory territory;
  private final KeyGate gate;
  private final BucketRegistry registry;

  OwnedBlobs(Territory territory, KeyGate gate, BucketRegistry registry) {
    this.territory = territory;
    this.gate = gate;
    this.registry = registry;
  }

  @Override
  public void read(BlobKey key) {
    gate.read(key);
    readHere(key);
  }

  /** Lets a read in that has just asked whether this node still owns the key. */
  void readHere(BlobKey key) {
    territory.requireOwned(Placement.segmentOf(key));
    registry.require(key.bucket());
  }

  @Override
  public Passage change(BlobKey key) {
    Territory.Passage moving = gate.enter(key);
    try {
      Territory.Passage segment = territory.enter(Placement.segmentOf(key));
      try {
        Passage bucket = registry.enter(key.bucket());
        return () -> {
          bucket.close();
          segment.close();
          moving.close();
        };
      } catch (RuntimeException e) {
        segment.close();
        throw e;
      }
    } catch (RuntimeException e) {
      moving.close();
      throw e;
    }
  }
}
