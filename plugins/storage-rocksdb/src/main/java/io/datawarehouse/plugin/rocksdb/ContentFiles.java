package io.datawarehouse.plugin.rocksdb;

import com.sun.nio.file.ExtendedOpenOption;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The files of large content, spread over 256 directories. Thread-safe. */
final class ContentFiles {

  private static final int DIRECTORIES = 256;
  private static final int PAGE_BYTES = 4096;

  private final Path root;
  private final FileStore disk;
  private final long reserveBytes;
  private final long directBytes;
  private final int block;

  private ContentFiles(Path root, FileStore disk, StoreOptions options) {
    this.root = root;
    this.disk = disk;
    this.reserveBytes = options.reserveBytes();
    this.directBytes = options.directBytes();
    this.block = tryDirect(root, disk, options.frameBytes());
  }

  static ContentFiles open(StoreOptions options) {
    Path root = options.directory().resolve("content");
    try {
      if (!Files.isDirectory(root.resolve(directoryName(DIRECTORIES - 1)))) {
        for (int i = 0; i < DIRECTORIES; i++) {
          Files.createDirectories(root.resolve(directoryName(i)));
        }
        sync(root);
        sync(options.directory());
      }
      return new ContentFiles(root, Files.getFileStore(root), options);
    } catch (IOException e) {
      throw StorageErrors.of("preparing " + root, e);
    }
  }

  /** Throws {@code DISK_FULL} unless so much can be written and the reserve stays free. */
  void requireRoom(long bytes) {
    try {
      long usable = disk.getUsableSpace();
      if (usable - reserveBytes < bytes) {
        throw StorageErrors.diskFull(
            usable, bytes > Long.MAX_VALUE - reserveBytes ? Long.MAX_VALUE : bytes + reserveBytes);
      }
    } catch (IOException e) {
      throw StorageErrors.of("asking how full the disk is", e);
    }
  }

  /** Creates the file of that content, past the system's cache if it will be large. */
  SequentialFile.Created create(long id, long expectedBytes) {
    boolean direct = block > 0 && expectedBytes >= directBytes;
    Set<OpenOption> how = new HashSet<>();
    how.add(StandardOpenOption.CREATE_NEW);
    how.add(StandardOpenOption.WRITE);
    if (direct) {
      how.add(ExtendedOpenOption.DIRECT);
    }
    try {
      return new SequentialFile.Created(FileChannel.open(path(id), how), direct ? block : 0);
    } catch (IOException e) {
      throw StorageErrors.of("creating a content file", e);
    }
  }

  /**
   * Returns what writes past the system's cache must be multiples of; 0 where there is no way past
   * it. Whether there is one is known only after a write.
   */
  private static int tryDirect(Path root, FileStore disk, int frameBytes) {
    try {
      long size = disk.getBlockSize();
      if (size <= 0 || size > PAGE_BYTES || frameBytes % size != 0) {
        return 0;
      }
      Path attempt = root.resolve("direct");
      try (FileChannel channel =
          FileChannel.open(
              attempt,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              ExtendedOpenOption.DIRECT)) {
        var unused = channel.write(FrameBuffers.aligned((int) size));
        return (int) size;
      } finally {
        Files.deleteIfExists(attempt);
      }
    } catch (IOException | UnsupportedOperationException e) {
      return 0;
    }
  }

  /** Opens the file of that content, if it is there. */
  Optional<FileChannel> open(long id) {
    try {
      return Optional.of(FileChannel.open(path(id), StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw StorageErrors.of("opening a content file", e);
    }
  }

  /** Makes it durable that the file of that content is there. */
  void syncDirectoryOf(long id) {
    try {
      sync(path(id).getParent());
    } catch (IOException e) {
      throw StorageErrors.of("writing a directory", e);
    }
  }

  /** Removes the file if it is there, durably only after {@link #remove}. */
  void unlink(long id) {
    try {
      Files.deleteIfExists(path(id));
    } catch (IOException e) {
      throw StorageErrors.of("removing a content file", e);
    }
  }

  /** Removes the files that are there, durably. */
  void remove(Collection<Long> ids) throws WarehouseException {
    TreeSet<Path> touched = new TreeSet<>();
    for (long id : ids) {
      unlink(id);
      touched.add(path(id).getParent());
    }
    try {
      for (Path directory : touched) {
        sync(directory);
      }
    } catch (IOException e) {
      throw StorageErrors.of("writing a directory", e);
    }
  }

  Path path(long id) {
    return root.resolve(directoryName((int) (id & (DIRECTORIES - 1))))
        .resolve(HexFormat.of().toHexDigits(id));
  }

  private static String directoryName(int number) {
    return HexFormat.of().toHexDigits((byte) number);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
