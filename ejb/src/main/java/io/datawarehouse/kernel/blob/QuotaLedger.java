package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps buckets within their quotas while many write at once. Thread-safe.
 *
 * <p>Every change of a bucket with a quota holds a {@link Share} of the bucket's account from
 * before its first byte until after its commit. A share reserves room before the bytes are taken,
 * so what is stored and what is reserved never exceed the quota together. An account lives as long
 * as somebody holds a share of it and begins with the provider's figure, so that it cannot drift
 * away from the truth.
 */
final class QuotaLedger {

  private final Function<BucketName, BucketUsage> usage;
  private final Object lock = new Object();

  /** Guarded by the lock. */
  private final Map<BucketName, Account> accounts = new HashMap<>();

  /** Counts accounts that ended: a figure read before an end may be old. Guarded by the lock. */
  private long ends;

  /**
   * Makes a ledger.
   *
   * @param usage tells what this node holds of a bucket
   */
  QuotaLedger(Function<BucketName, BucketUsage> usage) {
    this.usage = usage;
  }

  /** Books bytes that came to be this node's, or were so, without being written. */
  void shift(BucketName bucket, long bytes) {
    synchronized (lock) {
      Account account = accounts.get(bucket);
      if (account != null) {
        account.used = Math.max(0, account.used + bytes);
      }
      // A figure that somebody has just read may be old.
      ends++;
    }
  }

  /** What a bucket holds and what is promised of its room. Guarded by the ledger's lock. */
  private static final class Account {
    private long used;
    private long reserved;
    private int shares;

    Account(long used) {
      this.used = used;
    }
  }

  /** Opens a share of the bucket's account; one that allows everything where it has no quota. */
  Share open(BucketDefinition bucket) {
    if (bucket.settings().quotaBytes().isEmpty()) {
      return new Share(bucket.name(), Long.MAX_VALUE, null);
    }
    long quota = bucket.settings().quotaBytes().getAsLong();
    while (true) {
      long endsBefore;
      synchronized (lock) {
        Account account = accounts.get(bucket.name());
        if (account != null) {
          account.shares++;
          return new Share(bucket.name(), quota, account);
        }
        endsBefore = ends;
      }
      long used = usage.apply(bucket.name()).bytes();
      synchronized (lock) {
        if (ends == endsBefore) {
          Account account = accounts.computeIfAbsent(bucket.name(), name -> new Account(used));
          account.shares++;
          return new Share(bucket.name(), quota, account);
        }
      }
    }
  }

  /** One change's part in an account. Confined to one thread at a time. */
  final class Share implements AutoCloseable {

    private final BucketName bucket;
    private final long quota;
    private @Nullable Account account;
    private long reserved;

    private Share(BucketName bucket, long quota, @Nullable Account account) {
      this.bucket = bucket;
      this.quota = quota;
      this.account = account;
    }

    boolean limited() {
      return account != null;
    }

    /** Reserves room for content in place of what it replaces, or throws QUOTA_EXCEEDED. */
    void cover(long size, long replaced) {
      long more = size - replaced - reserved;
      Account open = account;
      if (open == null || more <= 0) {
        return;
      }
      synchronized (lock) {
        if (more > quota - open.used - open.reserved) {
          throw exceeded(open, size - replaced);
        }
        open.reserved += more;
        reserved += more;
      }
    }

    /** Books a change of the bucket that is durable now; what was reserved for it is used. */
    void book(long change) {
      Account open = account;
      if (open == null) {
        return;
      }
      synchronized (lock) {
        open.used += change;
        open.reserved -= reserved;
        reserved = 0;
      }
    }

    /** Gives back what is still reserved. */
    @Override
    public void close() {
      Account open = account;
      if (open == null) {
        return;
      }
      account = null;
      synchronized (lock) {
        open.reserved -= reserved;
        open.shares--;
        if (open.shares == 0) {
          accounts.remove(bucket);
          ends++;
        }
      }
    }

    private WarehouseException exceeded(Account open, long wanted) {
      return new WarehouseException(
          StandardErrorCode.QUOTA_EXCEEDED,
          "bucket '%s' may hold %d bytes; it holds %d and %d are promised to other writes, so %d more do not fit"
              .formatted(bucket, quota, open.used, open.reserved - reserved, wanted));
    }
  }
}
