package io.datawarehouse.plugin.rocksdb;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/**
 * Reads the tables of a database from the disk, block by block, past its caches: a table that is
 * damaged can go unnoticed as long as its blocks are in memory.
 */
final class TableCheck {

  private TableCheck() {}

  /** Returns what is wrong, a line for each table. */
  static List<String> run(List<LiveFileMetaData> tables, LongConsumer pace) {
    List<String> damaged = new ArrayList<>();
    for (LiveFileMetaData table : tables) {
      pace.accept(table.size());
      Path file = Path.of(table.path(), table.fileName());
      try (Options options = new Options();
          SstFileReader reader = new SstFileReader(options)) {
        reader.open(file.toString());
        reader.verifyChecksum();
      } catch (RocksDBException e) {
        // Where it is gone, another has taken its place since.
        if (Files.exists(file)) {
          damaged.add(describe(table, e));
        }
      }
    }
    return damaged;
  }

  private static String describe(LiveFileMetaData table, RocksDBException failure) {
    String name = table.fileName();
    return "table %s of %s: %s"
        .formatted(
            name.startsWith("/") ? name.substring(1) : name,
            new String(table.columnFamilyName(), StandardCharsets.UTF_8),
            StorageErrors.reason(failure));
  }
}
