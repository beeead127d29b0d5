package io.datawarehouse.kernel.scrub;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that is not as it was stored: a blob, a place in a bucket whose keys cannot be read any
 * more, or what the store keeps beside. Immutable.
 *
 * @param bucket where; empty for what is of no bucket
 * @param key which blob; empty where nobody can say which ones there were
 * @param reason what is wrong, in words
 * @param foundAt when that was found first
 * @param version which version of the blob it is; empty where that cannot be read
 */
public record Finding(
    Optional<BucketName> bucket,
    Optional<String> key,
    String reason,
    Instant foundAt,
    String version) {

  /** Returns the blob, where it is known. */
  public Optional<BlobKey> blob() {
    return bucket.flatMap(name -> key.map(of -> new BlobKey(name, of)));
  }

  /** Returns what findings are told apart and sorted by. */
  String id() {
    return bucket.map(BucketName::value).orElse("")
        + "/"
        + (bucket.isPresent() ? key.orElse("") : reason);
  }

  static String idOf(BlobKey blob) {
    return blob.affinityKey();
  }

  static Finding ofBlob(BlobKey blob, String reason, Instant now, String version) {
    return new Finding(Optional.of(blob.bucket()), Optional.of(blob.key()), reason, now, version);
  }

  static Finding ofBucket(BucketName bucket, String reason, Instant now) {
    return new Finding(Optional.of(bucket), Optional.empty(), reason, now, "");
  }

  static Finding ofStore(String reason, Instant now) {
    return new Finding(Optional.empty(), Optional.empty(), reason, now, "");
  }

  /** Returns the same, found to be that. */
  Finding because(String newReason) {
    return new Finding(bucket, key, newReason, foundAt, version);
  }
}
