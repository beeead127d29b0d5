package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.sharding.Residency;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Tells from where copies of a key come, by what this node knows at the moment, and who may have
 * them. Thread-safe, as far as what it asks is.
 *
 * @param placement who owns the segments of the cluster
 * @param maps the map of a bucket; empty where this node knows none
 * @param admits whether a residency admits a node; no where that node is not known
 */
public record CopyOrigins(
    Supplier<Placement> placement,
    Function<BucketName, Optional<ShardMap>> maps,
    BiPredicate<Residency, NodeId> admits) {

  /** Checks that nothing is missing. */
  public CopyOrigins {
    Objects.requireNonNull(placement, "placement");
    Objects.requireNonNull(maps, "maps");
    Objects.requireNonNull(admits, "admits");
  }

  /** Returns who is admitted by what nodes say of themselves; nobody who is not a member. */
  public static BiPredicate<Residency, NodeId> admittedIn(ClusterMembership membership) {
    return (residency, node) ->
        membership
            .view()
            .find(node)
            .filter(member -> residency.admits(member.descriptor()))
            .isPresent();
  }

  /** Returns those of a cluster in which a hash places every key. */
  public static CopyOrigins hashed(Supplier<Placement> placement) {
    return new CopyOrigins(placement, bucket -> Optional.empty(), (residency, node) -> true);
  }

  /**
   * From where copies of a key come. Immutable.
   *
   * @param segment where the key lies: a segment of the cluster, or one of its bucket's own
   * @param source its owner, and of what leases are
   * @param residency which nodes may hold it
   */
  public record Origin(int segment, CopyShelf.Source source, Residency residency) {}

  /** Returns from where copies of a key come; empty where nobody owns it. */
  public Optional<Origin> of(BlobKey key) {
    ShardMap map = maps.apply(key.bucket()).orElse(ShardMap.HASHED);
    int segment = map.segmentOf(key.bucket(), key.key());
    if (!ShardMap.isOwn(segment)) {
      NodeId owner = owner(segment);
      return Optional.of(
          new Origin(
              segment,
              new CopyShelf.Source(owner, LeasePlace.hashed(segment)),
              Residency.ANYWHERE));
    }
    return Optional.ofNullable(map.owner(segment))
        .map(
            owner ->
                new Origin(
                    segment,
                    new CopyShelf.Source(owner, LeasePlace.own(key.bucket())),
                    map.residency(segment)));
  }

  /** Returns whether a node may hold what comes from there. */
  public boolean admits(Origin origin, NodeId node) {
    return origin.residency.isAnywhere() || admits.test(origin.residency, node);
  }

  /** Returns the owner of a segment of the cluster. */
  NodeId owner(int segment) {
    return placement.get().owners(segment).get(0);
  }

  /** Returns whether a node owns anything of a place. */
  boolean owns(NodeId node, LeasePlace place) {
    return place
        .bucket()
        .map(bucket -> maps.apply(bucket).filter(map -> map.owners().contains(node)).isPresent())
        .orElseGet(() -> owner(place.segment()).equals(node));
  }
}
