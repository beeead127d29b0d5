package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.kernel.PluginConfig;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a store is opened. Immutable.
 *
 * @param directory where it lies
 * @param inlineBytes the largest content that is kept in RocksDB itself
 * @param frameBytes how much content a frame of a file holds
 * @param cacheBytes the size of RocksDB's block cache
 * @param memtableBytes how much RocksDB keeps in memory before it writes tables
 * @param reserveBytes how much of the disk is left free, so that deleting always works
 * @param writebackBytes after how much content of one file the disk starts to work
 * @param directBytes from how much content on a file is written past the system's cache
 * @param bufferCount how many frames are in memory at the same time
 * @param stopTimeout how long stopping waits for open readers and writers
 */
record StoreOptions(
    Path directory,
    int inlineBytes,
    int frameBytes,
    long cacheBytes,
    long memtableBytes,
    long reserveBytes,
    long writebackBytes,
    long directBytes,
    int bufferCount,
    Duration stopTimeout) {

  static final int FRAME_BYTES = 256 * 1024;

  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;

  static StoreOptions from(PluginConfig config, Path directory) {
    return new StoreOptions(
        directory,
        (int) config.bytes("inline.bytes", 64 * KIB, 0, MIB),
        FRAME_BYTES,
        config.bytes("cache.bytes", 64 * MIB, MIB, 64 * GIB),
        config.bytes("memtable.bytes", 64 * MIB, 4 * MIB, 16 * GIB),
        config.bytes("reserve.bytes", 64 * MIB, 0, 1024 * GIB),
        config.bytes("writeback.bytes", 16 * MIB, MIB, GIB),
        config.bytes("direct.bytes", 16 * MIB, MIB, Long.MAX_VALUE),
        (int) config.number("buffers", 256, 8, 65_536),
        config.duration("stop.timeout", Duration.ofSeconds(5)));
  }
}
