package io.datawarehouse.sdk.storage;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.util.Optional;

/**
 * A place in the manifests of a bucket, before the first one at the beginning. Confined to one
 * thread at a time. Sees the bucket as it was when the cursor was opened, or newer.
 */
public interface ManifestCursor extends AutoCloseable {

  /** Goes before the first key that is the given one or comes after it. */
  void seek(String key);

  /** Goes before the first key that comes after the given one. */
  void seekAfter(String key);

  /** Goes before the first key that comes after all keys that begin with the prefix. */
  void seekAfterPrefix(String prefix);

  /** Returns the next manifest and moves on; empty at the end. */
  Optional<BlobManifest> next();

  /** Gives back what the cursor needed. Does nothing the second time. */
  @Override
  void close();
}
