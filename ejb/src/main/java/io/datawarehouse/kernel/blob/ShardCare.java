package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.HashMap;
import java.util.Map;

/**
 * Sees to the maps of buckets, on the node that leads: own segments that nobody could hold when
 * they were made get an owner once somebody is there who may, and a change that its node did not
 * live to finish is taken back. Thread-safe.
 */
final class ShardCare {

  private static final System.Logger LOG = System.getLogger(ShardCare.class.getName());

  private final BucketRegistry registry;
  private final BlobCluster cluster;
  private final NodeId self;

  /** Guarded by this: the versions of buckets that were being changed at the last look. */
  private Map<BucketName, Long> changing = new HashMap<>();

  ShardCare(BucketRegistry registry, BlobCluster cluster) {
    this.registry = registry;
    this.cluster = cluster;
    this.self = cluster.membership().localNodeId();
  }

  /** Looks at all buckets; called now and then, does not wait. */
  synchronized void tend() {
    Map<BucketName, Long> before = changing;
    changing = new HashMap<>();
    if (!cluster.coordinator().leadership().leads(self)) {
      return;
    }
    for (BucketRegistry.Agreed bucket : registry.all()) {
      BucketName name = bucket.definition().name();
      if (bucket.state().phase() == BucketRegistry.Phase.OPEN) {
        fill(name, bucket);
      } else if (bucket.version() == before.getOrDefault(name, 0L)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the change of the sharding of bucket {0} was not finished; it is taken back",
            name);
        registry.propose(bucket.state().in(BucketRegistry.Phase.OPEN), bucket.version());
      } else {
        changing.put(name, bucket.version());
      }
    }
  }

  private void fill(BucketName name, BucketRegistry.Agreed bucket) {
    ShardMap filled = bucket.map().filled(name, cluster.membership().view().active());
    if (!filled.equals(bucket.map())) {
      LOG.log(
          System.Logger.Level.INFO,
          "segments of bucket {0} that nobody could hold have owners now: {1}",
          name,
          filled.own());
      registry.propose(bucket.state().with(filled), bucket.version());
    }
  }
}
