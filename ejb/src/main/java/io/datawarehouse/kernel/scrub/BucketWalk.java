package io.datawarehouse.kernel.scrub;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the keys of a bucket, some at a time, with no cursor open between. Where manifests
 * cannot be read it goes on behind them: since nobody can say which key comes next there, it tries
 * ever later ones until one can be read. Confined to one thread.
 */
final class BucketWalk {

  /** How many manifests are looked up at once. */
  private static final int BATCH = 100;

  private static final char FIRST_PRINTABLE = ' ' + 1;
  private static final char LAST_PRINTABLE = '~';

  /** Where the characters behind ASCII are entered, roughly by script. */
  private static final String BEHIND_ASCII =
      "\u00a1\u0100\u0400\u0600\u0900\u1e00\u3000\u4e00\uac00";

  private final StorageProvider provider;
  private final BucketName bucket;
  private @Nullable String last;
  private @Nullable String damage;
  private boolean stuck;

  /**
   * Begins a walk.
   *
   * @param after begins behind this key; null for the beginning of the bucket
   */
  BucketWalk(StorageProvider provider, BucketName bucket, @Nullable String after) {
    this.provider = provider;
    this.bucket = bucket;
    this.last = after;
  }

  /** Returns what could not be read so far, in words. */
  Optional<String> damage() {
    return Optional.ofNullable(damage);
  }

  /** Returns the next blobs; none at the end. */
  List<BlobKey> next() {
    List<BlobKey> batch = new ArrayList<>(BATCH);
    try (ManifestCursor cursor = provider.openCursor(bucket)) {
      while (batch.isEmpty() && !stuck && fill(batch, cursor)) {
        stuck = !skip(batch, cursor);
      }
    } catch (WarehouseException e) {
      if (e.code() != StandardErrorCode.NO_SUCH_BUCKET) {
        throw e;
      }
      // Deleted meanwhile.
    }
    return batch;
  }

  /** Takes what comes; returns whether it ended at something that cannot be read. */
  private boolean fill(List<BlobKey> batch, ManifestCursor cursor) {
    try {
      if (last != null) {
        cursor.seekAfter(last);
      }
      for (Optional<BlobManifest> next = cursor.next(); next.isPresent(); next = cursor.next()) {
        take(next.get(), batch);
        if (batch.size() == BATCH) {
          return false;
        }
      }
      return false;
    } catch (WarehouseException e) {
      if (!Scrubber.meansDamage(e)) {
        throw e;
      }
      if (damage == null) {
        damage =
            "manifests behind "
                + (last == null ? "the beginning" : WarehouseException.shown(last))
                + " cannot be read: "
                + e.detail();
      }
      return true;
    }
  }

  private void take(BlobManifest manifest, List<BlobKey> batch) {
    batch.add(manifest.blobKey());
    last = manifest.key();
  }

  /** Takes the first blob behind the damage that a later key leads to; returns whether one does. */
  private boolean skip(List<BlobKey> batch, ManifestCursor cursor) {
    String from = last == null ? "" : last;
    for (int kept = from.length(); kept >= 0; kept--) {
      String beginning = from.substring(0, kept);
      char least = kept == from.length() ? FIRST_PRINTABLE : (char) (from.charAt(kept) + 1);
      for (char c = least; c <= LAST_PRINTABLE; c++) {
        if (tryFrom(beginning + c, batch, cursor)) {
          return true;
        }
      }
      for (int i = 0; i < BEHIND_ASCII.length(); i++) {
        char c = BEHIND_ASCII.charAt(i);
        if (c >= least && tryFrom(beginning + c, batch, cursor)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns whether what comes from that key on, if anything, can be read. */
  private boolean tryFrom(String key, List<BlobKey> batch, ManifestCursor cursor) {
    try {
      cursor.seek(key);
      Optional<BlobManifest> next = cursor.next().filter(manifest -> isBehind(manifest.key()));
      next.ifPresent(manifest -> take(manifest, batch));
      return next.isPresent();
    } catch (WarehouseException e) {
      if (!Scrubber.meansDamage(e)) {
        throw e;
      }
      return false;
    }
  }

  /** A key that was cut within a character could lead back. */
  private boolean isBehind(String key) {
    String before = last;
    return before == null
        || Arrays.compareUnsigned(
                key.getBytes(StandardCharsets.UTF_8), before.getBytes(StandardCharsets.UTF_8))
            > 0;
  }
}
