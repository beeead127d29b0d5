package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.KeyGate;
import io.datawarehouse.kernel.placement.Refusals;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.sharding.RangeTraffic;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Lets in what this node owns, of buckets that the cluster has, and only where it may hold it.
 * Thread-safe.
 */
final class OwnedBlobs implements Admission {

  private final Territory territory;
  private final KeyGate gate;
  private final BucketRegistry registry;
  private final Supplier<NodeDescriptor> self;
  private final RangeTraffic traffic;

  /**
   * Makes the admission of a node.
   *
   * @param self what the node says of itself now
   * @param traffic told of requests for keys in ranges
   */
  OwnedBlobs(
      Territory territory,
      KeyGate gate,
      BucketRegistry registry,
      Supplier<NodeDescriptor> self,
      RangeTraffic traffic) {
    this.territory = territory;
    this.gate = gate;
    this.registry = registry;
    this.self = self;
    this.traffic = traffic;
  }

  @Override
  public void read(BlobKey key) {
    // The bucket first: the gate goes by what is known of it.
    BucketRegistry.Agreed unused = registry.requireOpen(key.bucket());
    gate.read(key);
    requireOwned(key, territory::requireOwned);
  }

  /** Lets a read in that has just asked whether this node still owns the key. */
  void readHere(BlobKey key) {
    requireOwned(key, territory::requireStillOwned);
  }

  private void requireOwned(BlobKey key, IntConsumer ofTheCluster) {
    ShardMap map = registry.requireOpen(key.bucket()).map();
    int segment = map.segmentOf(key.bucket(), key.key());
    if (ShardMap.isOwn(segment)) {
      requireOwn(map, segment, key);
    } else {
      ofTheCluster.accept(segment);
    }
  }

  @Override
  public Passage change(BlobKey key) {
    BucketRegistry.Agreed unused = registry.requireOpen(key.bucket());
    Territory.Passage moving = gate.enter(key);
    try {
      return new Change(key, changeOwned(key), moving);
    } catch (RuntimeException e) {
      moving.close();
      throw e;
    }
  }

  /** A change of what this node owns. Immutable. */
  private record Change(BlobKey key, Passage owned, Territory.Passage moving) implements Passage {
    @Override
    public void requireGoingOn() {
      if (moving.brokenOff()) {
        throw new WarehouseException(
            StandardErrorCode.OWNER_UNAVAILABLE,
            "'%s' moves to another node and has been written for too long; begin again"
                .formatted(key));
      }
    }

    @Override
    public void close() {
      owned.close();
      moving.close();
    }
  }

  private Passage changeOwned(BlobKey key) {
    // The bucket first: what it says of the key holds until the passage is closed.
    BucketRegistry.Entered entered = registry.enter(key.bucket());
    try {
      ShardMap map = entered.bucket().map();
      int segment = map.segmentOf(key.bucket(), key.key());
      if (ShardMap.isOwn(segment)) {
        requireOwn(map, segment, key);
        return entered.passage();
      }
      Territory.Passage passage = territory.enter(segment);
      return () -> {
        passage.close();
        entered.passage().close();
      };
    } catch (RuntimeException e) {
      entered.passage().close();
      throw e;
    }
  }

  private void requireOwn(ShardMap map, int segment, BlobKey key) {
    NodeDescriptor node = self.get();
    NodeId owner = map.owner(segment);
    if (owner == null) {
      throw ShardMaps.nobody(map.shardOf(key.key()));
    }
    if (!owner.equals(node.id())) {
      throw Refusals.elsewhere(
          "segment %d of bucket '%s' is owned by %s, not by %s"
              .formatted(segment, key.bucket(), owner, node.id()));
    }
    if (!map.residency(segment).admits(node)) {
      throw new WarehouseException(
          StandardErrorCode.RESIDENCY_UNSATISFIED,
          "node %s must not answer for the key any more: %s"
              .formatted(node.id(), map.shardOf(key.key()).rule()));
    }
    if (map.choice().ranges().isPresent()) {
      traffic.request(key.bucket(), key.key());
    }
  }
}
