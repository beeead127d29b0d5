package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Who owns which blob, as this node knows it now: what it acts by when it lets a read or a change
 * in. Thread-safe; only {@link #refresh()} asks the network.
 */
public interface Ownership {

  /** Returns the segment that a key belongs to now. */
  int segment(BlobKey key);

  /** Returns who owns a key; empty as long as the cluster has agreed on no table. */
  Optional<NodeId> owner(BlobKey key);

  /** Returns the table; empty as long as the cluster has agreed on none that is known here. */
  Optional<SegmentTable> table();

  /**
   * Returns the version of an entry that this node acts by; 0 where it knows of none. Whoever sees
   * a version here may rely on {@link #owner} going by it, or by a later one.
   */
  long version(RegistryEntry.Address address);

  /**
   * Returns what this node goes by in a bucket, or in all: two nodes that return the same agree on
   * who owns which of its keys.
   */
  String stamp(Optional<BucketName> bucket);

  /**
   * Learns all that was agreed on before the call; fails where no majority is reached. Afterwards
   * {@link #owner} goes by it.
   */
  CompletionStage<Void> refresh();

  /** Tells the listener whenever another owner may be in force. It must be quick. */
  Watch watch(Runnable listener);
}
