package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * How much this node's store holds of blobs that another node owns: copies that came before the
 * node owns them, and those that stayed for a while after they left. They count for nothing that is
 * shown. Thread-safe.
 */
public final class ForeignCopies {

  // Guarded by this.
  private final Map<BucketName, BucketUsage> held = new HashMap<>();

  private volatile boolean expected;
  private volatile Runnable asked = () -> {};
  private final List<BiConsumer<BucketName, Long>> listeners = new CopyOnWriteArrayList<>();

  /** Has somebody bring the figures up to what is known before they are given to others. */
  public void whenAsked(Runnable bringing) {
    asked = bringing;
  }

  /** Brings the figures up to what is known. */
  void settle() {
    asked.run();
  }

  /** Says whether copies may be there, or come, that others own. */
  public void expect(boolean now) {
    expected = now;
  }

  /** Returns whether copies may be there that others own. */
  boolean expected() {
    return expected;
  }

  /** Returns how much there is of a bucket. */
  public synchronized BucketUsage of(BucketName bucket) {
    return held.getOrDefault(bucket, BucketUsage.EMPTY);
  }

  /** Books copies that the store took or dropped; what the node owns does not change. */
  public synchronized void book(BucketName bucket, long blobs, long bytes) {
    BucketUsage before = of(bucket);
    held.put(bucket, new BucketUsage(before.blobCount() + blobs, before.bytes() + bytes));
  }

  /** Books that the node owns copies from now on that it did not own, or the other way round. */
  public void changeHands(Map<BucketName, BucketUsage> copies, boolean owned) {
    int sign = owned ? -1 : 1;
    copies.forEach(
        (bucket, usage) -> {
          book(bucket, sign * usage.blobCount(), sign * usage.bytes());
          listeners.forEach(listener -> listener.accept(bucket, -sign * usage.bytes()));
        });
  }

  /** Sets everything, as it was counted. */
  public synchronized void counted(Map<BucketName, BucketUsage> copies) {
    held.clear();
    held.putAll(copies);
  }

  /** Tells by how many bytes what the node owns of a bucket grows without being written. */
  void listen(BiConsumer<BucketName, Long> listener) {
    listeners.add(listener);
  }

  /** Returns what is left of a bucket's use when the foreign copies are taken off. */
  BucketUsage owned(BucketName bucket, BucketUsage all) {
    BucketUsage foreign = of(bucket);
    return new BucketUsage(
        Math.max(0, all.blobCount() - foreign.blobCount()),
        Math.max(0, all.bytes() - foreign.bytes()));
  }
}
