package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The keys of all buckets, durable, and in memory as they lie in the store: wrapped. Thread-safe.
 *
 * <p>A record that cannot be read is left alone: its bucket's keys are unavailable, and no new key
 * takes their place.
 */
final class KeyArchive {

  private static final System.Logger LOG = System.getLogger(KeyArchive.class.getName());
  private static final String BUCKETS = "bucket/";
  private static final String DROPS = "drop/";
  private static final int STRIPES = 64;

  private final KernelStorage storage;
  private final Map<BucketName, BucketKeys> buckets = new ConcurrentHashMap<>();
  private final Map<BucketName, String> unreadable = new ConcurrentHashMap<>();

  /** One of these is held while a bucket's record changes, chosen by its name. */
  private final Object[] locks = new Object[STRIPES];

  KeyArchive(KernelStorage storage) {
    this.storage = storage;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new Object();
    }
    storage.keys(BUCKETS).forEach(this::load);
  }

  private void load(String key) {
    BucketName bucket;
    try {
      bucket = new BucketName(key.substring(BUCKETS.length()));
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is not the record of a bucket's keys", key);
      return;
    }
    try {
      storage
          .get(key)
          .ifPresent(stored -> buckets.put(bucket, Json.read(stored.toArray(), BucketKeys.class)));
    } catch (WarehouseException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          () -> "the keys of bucket " + bucket.value() + " cannot be read; they are left alone",
          e);
      unreadable.put(bucket, "the record of its keys is damaged");
    }
  }

  /** Returns the keys of a bucket; none where it has none. */
  BucketKeys find(BucketName bucket) {
    if (unreadable.containsKey(bucket)) {
      throw new WarehouseException(
          StandardErrorCode.KEY_UNAVAILABLE,
          "the keys of bucket '%s' are not to be had: %s"
              .formatted(bucket.value(), unreadable.get(bucket)));
    }
    return buckets.getOrDefault(bucket, BucketKeys.none());
  }

  /** Returns all buckets that have or had keys, with them, sorted by name. */
  Map<BucketName, BucketKeys> all() {
    return new TreeMap<>(buckets);
  }

  /** Returns the buckets whose record cannot be read. */
  Set<BucketName> unreadable() {
    return Set.copyOf(unreadable.keySet());
  }

  /** Changes the keys of a bucket: when this returns, the change is durable. */
  BucketKeys change(BucketName bucket, UnaryOperator<BucketKeys> change) {
    synchronized (lockOf(bucket)) {
      BucketKeys present = find(bucket);
      BucketKeys next = change.apply(present);
      if (!next.equals(present)) {
        storage.put(BUCKETS + bucket.value(), Bytes.copyOf(Json.write(next)));
        buckets.put(bucket, next);
      }
      return next;
    }
  }

  /**
   * Removes a bucket's keys, even where they cannot be read. Which decree they obeyed is kept: a
   * later bucket of that name must not lose its keys by it.
   */
  void remove(BucketName bucket) {
    synchronized (lockOf(bucket)) {
      BucketKeys rest = buckets.getOrDefault(bucket, BucketKeys.none()).dropped();
      if (rest.decree().isPresent()) {
        storage.put(BUCKETS + bucket.value(), Bytes.copyOf(Json.write(rest)));
        buckets.put(bucket, rest);
      } else {
        storage.delete(BUCKETS + bucket.value());
        buckets.remove(bucket);
      }
      unreadable.remove(bucket);
    }
  }

  // ---- buckets that are being deleted, so that a crash does not leave their keys behind ---------

  void announceDrop(BucketName bucket, String store) {
    storage.put(DROPS + bucket.value(), Bytes.utf8(store));
  }

  void forgetDrop(BucketName bucket) {
    storage.delete(DROPS + bucket.value());
  }

  /** Returns the buckets whose deletion began and of which nobody knows how it ended. */
  Map<BucketName, String> announcedDrops() {
    Map<BucketName, String> drops = new TreeMap<>();
    for (String key : storage.keys(DROPS)) {
      storage
          .get(key)
          .ifPresent(
              store -> drops.put(new BucketName(key.substring(DROPS.length())), store.asUtf8()));
    }
    return drops;
  }

  private Object lockOf(BucketName bucket) {
    return locks[Math.floorMod(bucket.hashCode(), STRIPES)];
  }
}
