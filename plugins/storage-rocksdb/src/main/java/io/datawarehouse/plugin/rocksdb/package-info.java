/**
 * Durable blob storage on one node: RocksDB for buckets, manifests and small content, one file per
 * version for large content.
 *
 * <p>A write runs, top to bottom: {@code RocksDbWriter} → {@code ContentFileWriter} (frames, fsync)
 * → {@code RocksDbStore.commit} (decide, one synced batch) → {@code UnreferencedContent} (the
 * replaced file goes). A read: {@code RocksDbStore.openReader} → {@code FileReader} → {@code
 * ContentFileReader} (index, frames, checksums).
 *
 * <p>Lock order: bucket lock, then the key's stripe. The monitors of {@code UnreferencedContent}
 * and of probes are innermost; nothing that locks is called inside of them but {@code Database}.
 *
 * <p>Stability: internal; the layout on disk is versioned and kept readable.
 */
@NullMarked
package io.datawarehouse.plugin.rocksdb;

import org.jspecify.annotations.NullMarked;
