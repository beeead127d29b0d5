package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.Utf8Order;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Lists a bucket as a sequence of items in the order of their UTF-8 bytes: keys, and in place of
 * all keys that hold the delimiter after the prefix, the part up to and with it. A page holds the
 * items that come strictly after {@code after}. No manifest is read that is not shown, but the
 * first behind each rolled-up prefix and the one that tells that there is more. Thread-safe.
 */
final class BlobListings {

  private final StorageProvider provider;
  private final Placement placement;
  private final Predicate<BlobKey> shown;

  BlobListings(StorageProvider provider, Placement placement) {
    this(provider, placement, key -> true);
  }

  /**
   * Makes listings of a part of what there is.
   *
   * @param shown tells which keys are listed
   */
  BlobListings(StorageProvider provider, Placement placement, Predicate<BlobKey> shown) {
    this.provider = provider;
    this.placement = placement;
    this.shown = shown;
  }

  BlobListing list(ListBlobs query) {
    try (ManifestCursor cursor = provider.openCursor(query.bucket())) {
      return seekStart(cursor, query)
          ? page(cursor, query)
          : new BlobListing(List.of(), List.of(), Optional.empty());
    }
  }

  /** Goes to the first item of the page; returns whether there can be one. */
  private static boolean seekStart(ManifestCursor cursor, ListBlobs query) {
    String prefix = query.prefix();
    String after = query.after().orElse("");
    if (after.startsWith(prefix) && !after.isEmpty()) {
      Optional<String> rolledUp = rollUp(after, query);
      if (rolledUp.isPresent()) {
        cursor.seekAfterPrefix(rolledUp.get());
      } else {
        cursor.seekAfter(after);
      }
      return true;
    }
    if (Utf8Order.compare(after, prefix) > 0) {
      return false;
    }
    if (!prefix.isEmpty()) {
      cursor.seek(prefix);
    }
    return true;
  }

  private BlobListing page(ManifestCursor cursor, ListBlobs query) {
    List<BlobManifest> blobs = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    String last = "";
    for (Optional<BlobManifest> found = cursor.next();
        found.isPresent() && found.get().key().startsWith(query.prefix());
        found = cursor.next()) {
      if (!shown.test(found.get().blobKey())) {
        continue;
      }
      if (blobs.size() + prefixes.size() == query.limit()) {
        return new BlobListing(blobs, prefixes, Optional.of(last));
      }
      Optional<String> rolledUp = rollUp(found.get().key(), query);
      if (rolledUp.isPresent()) {
        last = rolledUp.get();
        prefixes.add(last);
        cursor.seekAfterPrefix(last);
      } else {
        last = found.get().key();
        blobs.add(placement.stamp(found.get()));
      }
    }
    return new BlobListing(blobs, prefixes, Optional.empty());
  }

  /** Returns the item that stands for the key, where that is not the key itself. */
  private static Optional<String> rollUp(String key, ListBlobs query) {
    if (query.delimiter().isEmpty()) {
      return Optional.empty();
    }
    String delimiter = query.delimiter().get();
    int at = key.indexOf(delimiter, query.prefix().length());
    return at < 0 ? Optional.empty() : Optional.of(key.substring(0, at + delimiter.length()));
  }
}
