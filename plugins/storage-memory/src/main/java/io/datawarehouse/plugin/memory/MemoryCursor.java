package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.storage.ManifestCursor;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A place in a bucket: the bytes after which, or from which on, it goes on. */
final class MemoryCursor implements ManifestCursor {

  private final MemoryBucket bucket;
  private byte[] from = {};
  private boolean strictlyAfter;

  MemoryCursor(MemoryBucket bucket) {
    this.bucket = bucket;
  }

  @Override
  public void seek(String key) {
    from = MemoryBucket.bytes(key);
    strictlyAfter = false;
  }

  @Override
  public void seekAfter(String key) {
    from = MemoryBucket.bytes(key);
    strictlyAfter = true;
  }

  @Override
  public void seekAfterPrefix(String prefix) {
    byte[] bytes = MemoryBucket.bytes(prefix);
    from = Arrays.copyOf(bytes, bytes.length + 1);
    // No UTF-8 text holds this byte, so it comes after all that begin with the prefix.
    from[bytes.length] = (byte) 0xFF;
    strictlyAfter = false;
  }

  @Override
  public Optional<BlobManifest> next() {
    Map.Entry<byte[], MemoryVersion> found =
        strictlyAfter ? bucket.versions().higherEntry(from) : bucket.versions().ceilingEntry(from);
    if (found == null) {
      return Optional.empty();
    }
    from = found.getKey();
    strictlyAfter = true;
    return Optional.of(found.getValue().manifest());
  }

  @Override
  public void close() {
    // Holds nothing but memory.
  }
}
