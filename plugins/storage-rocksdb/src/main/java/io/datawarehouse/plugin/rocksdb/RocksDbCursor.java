package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.storage.ManifestCursor;
import java.util.Optional;

/** A place in the manifests of a bucket. Confined to one thread at a time. */
final class RocksDbCursor implements ManifestCursor {

  private final RocksDbStore store;
  private final BucketName bucket;
  private final int bucketPart;
  private final Rows rows;
  private boolean closed;

  RocksDbCursor(RocksDbStore store, BucketName bucket) {
    this.store = store;
    this.bucket = bucket;
    byte[] first = Keys.firstOf(bucket);
    this.bucketPart = first.length;
    this.rows = store.database().rows(Family.MANIFESTS, first, Keys.endOf(bucket));
  }

  @Override
  public void seek(String key) {
    rows.seek(Keys.manifest(bucket, key));
  }

  @Override
  public void seekAfter(String key) {
    rows.seek(Keys.after(bucket, key));
  }

  @Override
  public void seekAfterPrefix(String prefix) {
    rows.seek(Keys.afterPrefix(bucket, prefix));
  }

  @Override
  public Optional<BlobManifest> next() {
    if (!rows.next()) {
      return Optional.empty();
    }
    BlobKey key = new BlobKey(bucket, Keys.keyOf(rows.key(), bucketPart));
    return Optional.of(ManifestFormat.decode(key, rows.value()).manifest());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        rows.close();
      } finally {
        store.handleClosed();
      }
    }
  }
}
