package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.PlacementBoard;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Who owns which key, by the table that this node knows. Thread-safe. */
public final class OwnedKeys implements Ownership {

  private final PlacementBoard board;
  private final SharedQuestion<Void> latest;

  /** Makes a view of a board that learns from a coordinator. */
  public OwnedKeys(PlacementBoard board, ClusterCoordinator coordinator) {
    this.board = board;
    this.latest =
        new SharedQuestion<>(
            () ->
                coordinator
                    .read(SegmentTable.ADDRESS, new ReadConsistency.Latest())
                    .thenApply(
                        entry -> {
                          entry.ifPresent(board::accept);
                          return null;
                        }));
  }

  @Override
  public int segment(BlobKey key) {
    return Placement.segmentOf(key);
  }

  @Override
  public Optional<NodeId> owner(BlobKey key) {
    return board.table().map(table -> table.owner(segment(key)));
  }

  @Override
  public Optional<SegmentTable> table() {
    return board.table();
  }

  @Override
  public long version(RegistryEntry.Address address) {
    return address.equals(SegmentTable.ADDRESS) ? board.tableVersion() : 0;
  }

  @Override
  public String stamp(Optional<BucketName> bucket) {
    return Long.toString(board.tableVersion());
  }

  @Override
  public CompletionStage<Void> refresh() {
    return latest.ask();
  }

  @Override
  public Watch watch(Runnable listener) {
    return board.watch(listener);
  }
}
