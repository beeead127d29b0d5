package io.datawarehouse.kernel.storage;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * A durable map with one file per key in one directory. Thread-safe; the directory belongs to one
 * instance at a time.
 *
 * <p>A file holds its key, its value and a checksum of both. It is written under a temporary name,
 * forced to disk and renamed, so that a crash leaves the old value or the new one; temporary files
 * that a crash left are removed when the map is opened. The keys are kept in memory.
 */
public final class FileKernelStorage implements KernelStorage {

  private static final System.Logger LOG = System.getLogger(FileKernelStorage.class.getName());
  private static final int MOST_VALUE_BYTES = 1 << 20;
  private static final int MOST_KEY_BYTES = 200;
  private static final int MAGIC = 0x44574b31;
  private static final int HEADER_BYTES = 16;
  private static final int MOST_FILE_BYTES = HEADER_BYTES + MOST_KEY_BYTES + MOST_VALUE_BYTES;
  private static final int STRIPES = 64;

  private final Path directory;
  private final boolean wiping;
  private final ConcurrentSkipListSet<String> keys = new ConcurrentSkipListSet<>();
  private final AtomicLong temporaries = new AtomicLong();

  /** One of these is held while a file changes, chosen by its key, so that the keys agree. */
  private final Object[] locks = new Object[STRIPES];

  private FileKernelStorage(Path directory, boolean wiping) {
    this.directory = directory;
    this.wiping = wiping;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new Object();
    }
  }

  /**
   * Opens the map in a directory, which is made if it is missing.
   *
   * @throws WarehouseException {@code STORAGE_FAILED} or {@code DISK_FULL}
   */
  public static FileKernelStorage open(Path directory) {
    return open(directory, false);
  }

  /**
   * Opens a map, like {@link #open}, whose old values are overwritten on disk when they are
   * replaced or deleted. That reaches what the file system keeps in place: no snapshot, no copy, no
   * block that a disk has put aside.
   *
   * @throws WarehouseException {@code STORAGE_FAILED} or {@code DISK_FULL}
   */
  public static FileKernelStorage openWiping(Path directory) {
    return open(directory, true);
  }

  private static FileKernelStorage open(Path directory, boolean wiping) {
    FileKernelStorage storage = new FileKernelStorage(directory, wiping);
    try {
      DurableFiles.createPrivateDirectories(directory);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          storage.admit(file);
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure("opening the kernel's storage", directory, e);
    }
    return storage;
  }

  private void admit(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (KeyNames.isTemporary(name)) {
      if (wiping) {
        DurableFiles.deleteWiping(file);
      } else {
        Files.deleteIfExists(file);
      }
    } else if (KeyNames.isShortened(name)) {
      try {
        keys.add(read(file).key);
      } catch (WarehouseException e) {
        // Nobody can say which key it was; the others are not to suffer.
        LOG.log(System.Logger.Level.WARNING, "{0} is left out: {1}", file, e.detail());
      }
    } else {
      KeyNames.decode(name).ifPresent(keys::add);
    }
  }

  @Override
  public Optional<Bytes> get(String key) {
    byte[] keyBytes = check(key);
    if (!keys.contains(key)) {
      return Optional.empty();
    }
    Path file = fileOf(keyBytes);
    synchronized (lockOf(key)) {
      if (!keys.contains(key)) {
        return Optional.empty();
      }
      try {
        Entry entry = read(file);
        if (!entry.key.equals(key)) {
          throw damaged(file);
        }
        return Optional.of(entry.value);
      } catch (IOException e) {
        throw DurableFiles.failure("reading from the kernel's storage", file, e);
      }
    }
  }

  @Override
  public void put(String key, Bytes value) {
    byte[] keyBytes = check(key);
    if (value.size() > MOST_VALUE_BYTES) {
      throw WarehouseException.invalid(
          StandardErrorCode.TOO_LARGE, "value", value.size() + " bytes", "at most 1 MiB");
    }
    Path file = fileOf(keyBytes);
    Path temporary = directory.resolve(KeyNames.temporary(temporaries.getAndIncrement()));
    byte[] content = encode(keyBytes, value);
    synchronized (lockOf(key)) {
      try {
        if (wiping && keys.contains(key)) {
          DurableFiles.replaceWiping(file, temporary, aside(), content);
        } else {
          DurableFiles.replace(file, temporary, content);
        }
      } catch (IOException e) {
        throw DurableFiles.failure("writing to the kernel's storage", file, e);
      }
      keys.add(key);
    }
  }

  @Override
  public boolean delete(String key) {
    Path file = fileOf(check(key));
    synchronized (lockOf(key)) {
      try {
        boolean deleted = wiping ? DurableFiles.deleteWiping(file) : DurableFiles.delete(file);
        keys.remove(key);
        return deleted;
      } catch (IOException e) {
        throw DurableFiles.failure("deleting from the kernel's storage", file, e);
      }
    }
  }

  @Override
  public List<String> keys(String prefix) {
    List<String> found = new ArrayList<>();
    for (String key : keys.tailSet(prefix, true)) {
      if (!key.startsWith(prefix)) {
        break;
      }
      found.add(key);
    }
    return found;
  }

  private Path aside() {
    return directory.resolve(KeyNames.temporary(temporaries.getAndIncrement()));
  }

  private Object lockOf(String key) {
    return locks[Math.floorMod(key.hashCode(), STRIPES)];
  }

  private Path fileOf(byte[] key) {
    return directory.resolve(KeyNames.encode(key));
  }

  private static byte[] check(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > MOST_KEY_BYTES) {
      throw WarehouseException.invalid("key", key, "use 1 to 200 bytes of UTF-8");
    }
    if (!key.equals(new String(bytes, StandardCharsets.UTF_8))) {
      throw WarehouseException.invalid("key", key, "use characters that UTF-8 can write");
    }
    return bytes;
  }

  // ---- the form of a file: magic, checksum, length of the key, length of the value, both --------

  private record Entry(String key, Bytes value) {}

  private static byte[] encode(byte[] key, Bytes value) {
    ByteBuffer file = ByteBuffer.allocate(HEADER_BYTES + key.length + value.size());
    file.putInt(MAGIC).putInt(0).putInt(key.length).putInt(value.size());
    file.put(key).put(value.asByteBuffer());
    file.putInt(4, checksum(file.array()));
    return file.array();
  }

  private static Entry read(Path path) throws IOException {
    if (Files.size(path) > MOST_FILE_BYTES) {
      throw damaged(path);
    }
    byte[] content = Files.readAllBytes(path);
    ByteBuffer file = ByteBuffer.wrap(content);
    if (content.length < HEADER_BYTES
        || file.getInt() != MAGIC
        || file.getInt() != checksum(content)) {
      throw damaged(path);
    }
    int keyBytes = file.getInt();
    int valueBytes = file.getInt();
    if (keyBytes < 0 || valueBytes < 0 || file.remaining() - (long) keyBytes != valueBytes) {
      throw damaged(path);
    }
    byte[] key = new byte[keyBytes];
    file.get(key);
    return new Entry(new String(key, StandardCharsets.UTF_8), Bytes.copyOf(file));
  }

  private static int checksum(byte[] content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content, 8, content.length - 8);
    return (int) checksum.getValue();
  }

  private static WarehouseException damaged(Path file) {
    return new WarehouseException(
        StandardErrorCode.STORAGE_FAILED,
        "file '" + file.getFileName() + "' of the kernel's storage is damaged",
        new IOException(file.toString()));
  }
}
