package io.datawarehouse.plugin.rocksdb;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts the log of a database aside before RocksDB drops what it cannot read of it. */
final class DamagedLog {

  private static final String DIRECTORY = "damaged-log-";
  private static final int MOST_KEPT = 100;

  private DamagedLog() {}

  /** Copies the log to a new directory beside the database and returns it. */
  static Path keep(Path store) {
    try {
      Path kept = newDirectory(store);
      try (DirectoryStream<Path> logs = Files.newDirectoryStream(store.resolve("db"), "*.log")) {
        for (Path log : logs) {
          Files.copy(log, kept.resolve(log.getFileName()));
        }
      }
      return kept;
    } catch (IOException e) {
      throw StorageErrors.of("keeping a copy of the damaged log", e);
    }
  }

  private static Path newDirectory(Path store) throws IOException {
    for (int i = 1; i <= MOST_KEPT; i++) {
      Path next = store.resolve(DIRECTORY + i);
      if (Files.notExists(next)) {
        return Files.createDirectory(next);
      }
    }
    throw new IOException("there are " + MOST_KEPT + " damaged logs in " + store + " already");
  }

  /** Removes a copy that was not needed. */
  static void forget(Path kept) {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(kept)) {
      for (Path log : logs) {
        Files.delete(log);
      }
      Files.delete(kept);
    } catch (IOException e) {
      throw StorageErrors.of("removing a copy of the log", e);
    }
  }
}
