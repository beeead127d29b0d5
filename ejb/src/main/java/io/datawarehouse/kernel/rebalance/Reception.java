package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The copies that come from one node for one plan, and the session that they may come in.
 * Thread-safe.
 *
 * <p>A copy is committed under a lock that all share and that opening and closing a session
 * excludes: what was sent in a session that is over can change nothing any more, however late it
 * arrives.
 */
final class Reception {

  /** Lets every change be made. */
  static final BlobCopies.Guard NO_GUARD =
      new BlobCopies.Guard() {
        @Override
        public <T> T during(Supplier<T> change) {
          return change.get();
        }
      };

  private static final long NONE = -1;

  private final MoveRecords.Arrival record;
  private final String token;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  // Guarded by the lock: the first two written under its write lock.
  private OwnershipChange change;
  private long session = NONE;
  private long latest;

  // Guarded by itself.
  private final Map<BucketName, BucketUsage> held = new TreeMap<>();

  Reception(
      MoveRecords.Arrival record,
      OwnershipChange change,
      String token,
      Map<BucketName, BucketUsage> held) {
    this.record = record;
    this.change = change;
    this.token = token;
    this.held.putAll(held);
  }

  MoveRecords.Arrival record() {
    return record;
  }

  OwnershipChange change() {
    lock.readLock().lock();
    try {
      return change;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Opens a later session; what earlier ones send is refused from now on. */
  String open(long number, OwnershipChange newChange) {
    return exclusively(
        () -> {
          if (number <= latest) {
            throw Arrivals.over(record.plan());
          }
          latest = number;
          session = number;
          change = newChange;
          return token;
        });
  }

  /** Ends the session; returns what has come. A second time it returns the same. */
  Map<BucketName, BucketUsage> close(long number) {
    return exclusively(
        () -> {
          if (number != latest) {
            throw Arrivals.over(record.plan());
          }
          session = NONE;
          return held();
        });
  }

  /** Ends the reception; returns what has come. */
  Map<BucketName, BucketUsage> end() {
    return exclusively(
        () -> {
          session = NONE;
          latest = Long.MAX_VALUE;
          return held();
        });
  }

  private Map<BucketName, BucketUsage> held() {
    synchronized (held) {
      return new TreeMap<>(held);
    }
  }

  void book(BucketName bucket, long blobs, long bytes) {
    synchronized (held) {
      held.merge(
          bucket,
          new BucketUsage(blobs, bytes),
          (one, other) ->
              new BucketUsage(one.blobCount() + other.blobCount(), one.bytes() + other.bytes()));
    }
  }

  /** Returns what lets changes of a session be made as long as it is open. */
  BlobCopies.Guard guard(long number) {
    return new BlobCopies.Guard() {
      @Override
      public <T> T during(Supplier<T> work) {
        Lock shared = lock.readLock();
        shared.lock();
        try {
          if (session != number) {
            throw Arrivals.over(record.plan());
          }
          return work.get();
        } finally {
          shared.unlock();
        }
      }
    };
  }

  private <T> T exclusively(Supplier<T> work) {
    lock.writeLock().lock();
    try {
      return work.get();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
