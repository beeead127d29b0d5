package io.datawarehouse.micro;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory that a node keeps its data in, before there is a node. The application locks it
 * when it starts, seconds later; until then the start has moved the logs of whoever holds it. So
 * this looks first. Immutable.
 */
record DataDirectory(Path path) {

  static final String PROPERTY = "dw.data.dir";

  private static final String LOCK = "node.lock";

  /**
   * Reads the system property {@code dw.data.dir}, else the environment's {@code DW_DATA_DIR}, else
   * takes the default, {@code data}.
   */
  static DataDirectory from(Lookup systemProperties, Lookup environment) {
    return new DataDirectory(
        Path.of(Settings.firstOf(systemProperties, environment, PROPERTY, "data")));
  }

  /**
   * Fails where another process holds the directory now. What cannot be opened or locked is left to
   * the application, which says what is wrong with it.
   */
  void requireFree() {
    Path lock = path.resolve(LOCK);
    if (!Files.isWritable(lock)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held == null) {
        throw new StartFailure("data directory '" + path + "' is in use by another node");
      }
    } catch (IOException e) {
      System.err.println("whether '" + lock + "' is held cannot be told: " + e);
    }
  }
}
