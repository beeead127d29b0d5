package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.InputStream;

/** A version, which nothing can change. */
final class MemoryReader implements BlobReader {

  private final MemoryVersion version;

  MemoryReader(MemoryVersion version) {
    this.version = version;
  }

  @Override
  public BlobManifest manifest() {
    return version.manifest();
  }

  @Override
  public InputStream open(long offset, long length) {
    return version.content().open(offset, length);
  }

  @Override
  public void close() {
    // Holds nothing but memory.
  }
}
