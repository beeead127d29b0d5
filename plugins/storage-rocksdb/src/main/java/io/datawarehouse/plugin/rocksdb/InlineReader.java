package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;

/** A small version, which is in memory already, and sound. Confined to one thread at a time. */
final class InlineReader implements BlobReader {

  private final RocksDbStore store;
  private final BlobManifest manifest;
  private final byte[] stored;
  private final int begin;
  private boolean closed;

  InlineReader(RocksDbStore store, BlobManifest manifest, byte[] stored, int begin) {
    this.store = store;
    this.manifest = manifest;
    this.stored = stored;
    this.begin = begin;
  }

  @Override
  public BlobManifest manifest() {
    return manifest;
  }

  @Override
  public InputStream open(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, stored.length - begin);
    store.metrics().read(length);
    return new ByteArrayInputStream(stored, begin + (int) offset, (int) length);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      store.handleClosed();
    }
  }
}
