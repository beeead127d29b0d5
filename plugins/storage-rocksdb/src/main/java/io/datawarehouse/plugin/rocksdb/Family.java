package io.datawarehouse.plugin.rocksdb;

import java.nio.charset.StandardCharsets;
import org.rocksdb.RocksDB;

/** The column families. */
enum Family {
  /** The format's number, buckets and their counters. */
  META(RocksDB.DEFAULT_COLUMN_FAMILY),
  /** Versions by bucket and key. */
  MANIFESTS("manifests".getBytes(StandardCharsets.UTF_8)),
  /** Small content by id. */
  INLINE("inline".getBytes(StandardCharsets.UTF_8)),
  /** Ids of content files that belong to no version. */
  UNREFERENCED("unreferenced".getBytes(StandardCharsets.UTF_8));

  private final byte[] bytes;

  Family(byte[] bytes) {
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes.clone();
  }
}
