package io.datawarehouse.plugin.rocksdb;

import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.TablePropertiesCollectorFactory;

/** RocksDB's settings: bounded memory, a quick start, and deleted rows that go soon. */
final class Tuning {

  private static final int BLOOM_BITS = 10;
  private static final int OPEN_TABLES = 256;
  private static final int WRITE_BUFFERS = 3;
  private static final long INFO_LOG_BYTES = 1 << 20;

  /** A table with half of so many neighbours deleted, or this part of all, is compacted soon. */
  private static final int DELETION_WINDOW = 1024;

  private static final double DELETED_PART = 0.25;

  private static final long SMALLEST_APART = 1024;
  private static final long BLOB_FILE_BYTES = 64 << 20;

  private Tuning() {}

  static DBOptions database(StoreOptions options, NativeResources resources) {
    return resources
        .add(new DBOptions())
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setDbWriteBufferSize(options.memtableBytes())
        .setMaxTotalWalSize(2 * options.memtableBytes())
        .setMaxBackgroundJobs(2)
        .setMaxOpenFiles(OPEN_TABLES)
        .setSkipStatsUpdateOnDbOpen(true)
        .setSkipCheckingSstFileSizesOnDbOpen(true)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(INFO_LOG_BYTES)
        .setKeepLogFileNum(2);
  }

  /** Most memory goes to the family that holds content. */
  static ColumnFamilyOptions family(
      Family family, StoreOptions options, Cache cache, NativeResources resources) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    ColumnFamilyOptions tuned = withCollector(resources);
    switch (family) {
      case MANIFESTS -> {
        table.setFilterPolicy(resources.add(new BloomFilter(BLOOM_BITS)));
        tuned
            .setWriteBufferSize(options.memtableBytes() / 4)
            .setCompressionType(CompressionType.LZ4_COMPRESSION);
      }
      // Content lies apart from its keys, so that compactions move keys alone. It is not
      // compressed, because often it is already.
      case INLINE ->
          tuned
              .setWriteBufferSize(options.memtableBytes() / 2)
              .setCompressionType(CompressionType.NO_COMPRESSION)
              .setEnableBlobFiles(true)
              .setMinBlobSize(SMALLEST_APART)
              .setBlobFileSize(BLOB_FILE_BYTES)
              .setEnableBlobGarbageCollection(true);
      case META, UNREFERENCED ->
          tuned
              .setWriteBufferSize(options.memtableBytes() / 16)
              .setCompressionType(CompressionType.NO_COMPRESSION);
    }
    if (family == Family.META) {
      tuned.setMergeOperatorName("uint64add");
    }
    return tuned.setMaxWriteBufferNumber(WRITE_BUFFERS).setTableFormatConfig(table);
  }

  /** Only the options that are for a whole database take the collector of deletions. */
  private static ColumnFamilyOptions withCollector(NativeResources resources) {
    TablePropertiesCollectorFactory deletions =
        resources.add(
            TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                DELETION_WINDOW, DELETION_WINDOW / 2, DELETED_PART));
    try (Options carrier = new Options()) {
      carrier.setTablePropertiesCollectorFactory(List.of(deletions));
      return resources.add(new ColumnFamilyOptions(carrier));
    }
  }
}
