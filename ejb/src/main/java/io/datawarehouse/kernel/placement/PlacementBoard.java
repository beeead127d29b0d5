package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Holds the placement of this moment: replaced as a whole when the table or the membership changes,
 * read without a lock. Thread-safe.
 */
public final class PlacementBoard implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(PlacementBoard.class.getName());

  /** A table and the version of its registry entry. */
  record Agreed(SegmentTable table, long version) {}

  private final ClusterMembership membership;
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable Agreed agreed;
  private volatile Placement placement;

  /** Guarded by this: the number of the last placement. */
  private long topologyId;

  /** Makes a board without a table, for the members that there are. */
  public PlacementBoard(ClusterMembership membership) {
    this.membership = membership;
    this.placement =
        RankedPlacement.of(0, Optional.empty(), membership.view(), membership.localNodeId());
    watches.add(membership.watch(change -> renew()));
    renew();
  }

  /** Takes the table from the coordinator from now on. */
  public void follow(ClusterCoordinator coordinator) {
    watches.add(
        coordinator.watch(
            SegmentTable.ADDRESS.registry(), change -> change.entry().ifPresent(this::accept)));
    // What was agreed on before, however long ago: the watch tells of changes alone.
    coordinator
        .read(SegmentTable.ADDRESS, ReadConsistency.Local.ofAnyAge())
        .whenComplete(
            (entry, failure) -> {
              if (failure == null) {
                entry.ifPresent(this::accept);
              }
            });
  }

  /** Takes a table as the cluster agreed on it; an older one than is known changes nothing. */
  public void accept(RegistryEntry entry) {
    if (!entry.address().equals(SegmentTable.ADDRESS)) {
      return;
    }
    SegmentTable table;
    try {
      table = SegmentTable.parse(entry.value());
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the table of segments cannot be read; the last one stays in force: {0}",
          e.detail());
      return;
    }
    synchronized (this) {
      Agreed known = agreed;
      if (known != null && known.version >= entry.version()) {
        return;
      }
      agreed = new Agreed(table, entry.version());
    }
    renew();
  }

  /** Returns who owns what now. */
  public Placement placement() {
    return placement;
  }

  /** Returns the table; empty as long as the cluster has agreed on none that is known here. */
  public Optional<SegmentTable> table() {
    return Optional.ofNullable(agreed).map(Agreed::table);
  }

  /** Returns the table with its version; empty as long as none is known here. */
  Optional<Agreed> agreed() {
    return Optional.ofNullable(agreed);
  }

  /** Returns the version of the table's registry entry; 0 where there is none. */
  public long tableVersion() {
    Agreed known = agreed;
    return known == null ? 0 : known.version;
  }

  /** Tells the listener after every change. It must be quick. */
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void renew() {
    synchronized (this) {
      placement =
          RankedPlacement.of(++topologyId, table(), membership.view(), membership.localNodeId());
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }
}
