package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardMaps;
import io.datawarehouse.kernel.sharding.ShardOwnership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/** Who owns which key, by the table and the maps of buckets that this node knows. Thread-safe. */
public final class OwnedKeys implements ShardOwnership {

  private final PlacementBoard board;
  private final ShardMaps maps;
  private final SharedQuestion<Void> latest;

  /** Makes a view of a board and of maps that learns from a coordinator. */
  public OwnedKeys(PlacementBoard board, ShardMaps maps, ClusterCoordinator coordinator) {
    this.board = board;
    this.maps = maps;
    this.latest =
        new SharedQuestion<>(
            () ->
                coordinator
                    .read(SegmentTable.ADDRESS, new ReadConsistency.Latest())
                    .thenCompose(
                        entry -> {
                          entry.ifPresent(board::accept);
                          return maps.refresh();
                        }));
  }

  /** What is not known must not be taken for something else: blobs are moved by this. */
  @Override
  public int segment(BlobKey key) {
    return maps.latest(key.bucket())
        .orElseThrow(
            () ->
                new WarehouseException(
                    StandardErrorCode.UNAVAILABLE,
                    "where the keys of bucket '" + key.bucket() + "' lie is not known yet"))
        .segmentOf(key.bucket(), key.key());
  }

  @Override
  public Optional<NodeId> owner(BlobKey key) {
    return maps.latest(key.bucket()).flatMap(map -> owner(map, key));
  }

  private Optional<NodeId> owner(ShardMap map, BlobKey key) {
    int segment = map.segmentOf(key.bucket(), key.key());
    return ShardMap.isOwn(segment)
        ? Optional.ofNullable(map.owner(segment))
        : board.table().map(table -> table.owner(segment));
  }

  @Override
  public Optional<SegmentTable> table() {
    return board.table();
  }

  @Override
  public Optional<ShardMap> map(BucketName bucket) {
    return maps.find(bucket);
  }

  @Override
  public SortedMap<BucketName, ShardMaps.Known> maps() {
    return maps.all();
  }

  @Override
  public long version(RegistryEntry.Address address) {
    if (address.equals(SegmentTable.ADDRESS)) {
      return board.tableVersion();
    }
    return address.registry().equals(BucketRegistry.REGISTRY)
        ? maps.version(new BucketName(address.key()))
        : 0;
  }

  @Override
  public String stamp(Optional<BucketName> bucket) {
    long divided = maps.stamp(bucket);
    return board.tableVersion() + (divided == 0 ? "" : "-" + Long.toHexString(divided));
  }

  @Override
  public CompletionStage<Void> refresh() {
    return latest.ask();
  }

  @Override
  public Watch watch(Runnable listener) {
    Watch ofTable = board.watch(listener);
    Watch ofMaps = maps.watch(listener);
    return () -> {
      ofTable.close();
      ofMaps.close();
    };
  }
}
