package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one node, held by one kernel at a time. Immutable but for its lock.
 *
 * <p>It has a format, so that an older release leaves alone what a newer one wrote, an identity
 * that it gets once and keeps, and the number of the node's last run.
 */
final class DataDirectory implements AutoCloseable {

  /** The format that this release reads and writes. */
  static final int FORMAT = 1;

  private static final int MOST_BYTES_OF_MARKER = 1024;

  /** The number of the last run. */
  private static final String RUN = "node.run";

  /**
   * The real paths that kernels of this process hold. Asked before the lock file is opened, since
   * on POSIX systems closing any channel to a file lets go of every lock the process has on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /** A lock on a directory, in this process and against others. */
  private record Hold(Path realPath, FileChannel channel, AtomicBoolean released)
      implements Closeable {

    /** Lets go, once: closing again must not let go of what somebody else took since. */
    @Override
    public void close() throws IOException {
      if (!released.compareAndSet(false, true)) {
        return;
      }
      try {
        channel.close();
      } finally {
        HELD.remove(realPath);
      }
    }
  }

  private final Path path;
  private final NodeId nodeId;
  private final Hold lock;

  private DataDirectory(Path path, NodeId nodeId, Hold lock) {
    this.path = path;
    this.nodeId = nodeId;
    this.lock = lock;
  }

  /**
   * Opens the directory, making it if it is missing.
   *
   * @param nodeName what the node is called, where that is said
   * @throws WarehouseException {@code BOOT_FAILED} saying why it cannot be used
   */
  static DataDirectory open(Path directory, Optional<NodeId> nodeName, RandomGenerator random) {
    Path path = directory.toAbsolutePath().normalize();
    create(path);
    Hold lock = lock(path);
    try {
      checkFormat(path);
      return new DataDirectory(path, identity(path, nodeName, random), lock);
    } catch (IOException e) {
      close(lock, e);
      throw failure("data directory '" + path + "' cannot be used: " + DurableFiles.reason(e), e);
    } catch (RuntimeException e) {
      close(lock, e);
      throw e;
    }
  }

  /** Returns the directory, absolute. */
  Path path() {
    return path;
  }

  /** Returns the identity of the node. */
  NodeId nodeId() {
    return nodeId;
  }

  /**
   * Numbers a run of the node. Each is greater than those before, also where the clock was set back
   * meanwhile: others refuse a run that is earlier than one they know. To be called once a run.
   *
   * @param now what the clock says, in milliseconds; the number, unless a run had a later one
   * @return the number, which is on the disk by now
   * @throws WarehouseException {@code BOOT_FAILED} where it cannot be kept
   */
  long nextRun(long now) {
    Path file = path.resolve(RUN);
    try {
      long run = Math.max(Math.max(1, now), lastRun(file) + 1);
      write(file, Long.toString(run));
      return run;
    } catch (IOException e) {
      throw failure("'" + file + "' cannot be used: " + DurableFiles.reason(e), e);
    }
  }

  private static long lastRun(Path file) throws IOException {
    Optional<String> text = read(file);
    try {
      long last = text.isEmpty() ? 0 : Long.parseLong(text.get());
      if (last >= 0 && last < Long.MAX_VALUE) {
        return last;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number that is out of range.
    }
    throw failure(
        "'"
            + file
            + "' does not hold the number of a run: if the clock is right, delete it, and the"
            + " clock gives the next number",
        null);
  }

  /** Returns how many bytes can still be written there. */
  long usableBytes() {
    return path.toFile().getUsableSpace();
  }

  /** Lets another kernel have the directory. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static void create(Path path) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw failure("data directory '" + path + "' is not a directory", null);
    }
    try {
      DurableFiles.createPrivateDirectories(path);
    } catch (IOException e) {
      throw failure("data directory '" + path + "' cannot be made: " + DurableFiles.reason(e), e);
    }
    if (!Files.isWritable(path)) {
      throw failure("data directory '" + path + "' cannot be written to", null);
    }
  }

  private static Hold lock(Path path) {
    Path realPath;
    try {
      realPath = path.toRealPath();
    } catch (IOException e) {
      throw failure("data directory '" + path + "' cannot be used: " + DurableFiles.reason(e), e);
    }
    if (!HELD.add(realPath)) {
      throw failure("data directory '" + path + "' is in use by another node", null);
    }
    try {
      return new Hold(realPath, lockFile(path), new AtomicBoolean());
    } catch (RuntimeException e) {
      HELD.remove(realPath);
      throw e;
    }
  }

  private static FileChannel lockFile(Path path) {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              path.resolve("node.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failure(
          "data directory '" + path + "' cannot be written to: " + DurableFiles.reason(e), e);
    }
    String reason;
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        return channel;
      }
      reason = "is in use by another node";
    } catch (OverlappingFileLockException e) {
      reason = "is in use by another node";
    } catch (IOException e) {
      reason = "cannot be locked: " + DurableFiles.reason(e);
    }
    WarehouseException failure = failure("data directory '" + path + "' " + reason, null);
    close(channel, failure);
    throw failure;
  }

  private static void checkFormat(Path path) throws IOException {
    Path marker = path.resolve("format");
    Optional<String> text = read(marker);
    if (text.isEmpty()) {
      write(marker, Integer.toString(FORMAT));
      return;
    }
    int format;
    try {
      format = Integer.parseInt(text.get());
    } catch (NumberFormatException e) {
      throw failure("'" + marker + "' does not hold the number of a format", e);
    }
    if (format > FORMAT) {
      throw failure(
          "data directory '%s' has format %d, this release knows formats up to %d: start it with the"
                  .formatted(path, format, FORMAT)
              + " release that wrote it, or a newer one",
          null);
    }
    if (format < 1) {
      throw failure("'" + marker + "' does not hold the number of a format", null);
    }
  }

  private static NodeId identity(Path path, Optional<NodeId> wanted, RandomGenerator random)
      throws IOException {
    Path file = path.resolve("node.id");
    Optional<String> present = read(file);
    if (present.isEmpty()) {
      NodeId id =
          wanted.orElseGet(
              () -> new NodeId("node-" + HexFormat.of().toHexDigits(random.nextInt())));
      write(file, id.value());
      return id;
    }
    NodeId id;
    try {
      id = new NodeId(present.get());
    } catch (WarehouseException e) {
      throw failure("'" + file + "' does not hold the name of a node: " + e.detail(), e);
    }
    if (wanted.isPresent() && !wanted.get().equals(id)) {
      throw failure(
          "dw.node.name is '%s', but data directory '%s' belongs to node '%s', which keeps its name"
              .formatted(wanted.get(), path, id),
          null);
    }
    return id;
  }

  private static Optional<String> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MOST_BYTES_OF_MARKER) {
      throw new IOException("'" + file.getFileName() + "' is too long");
    }
    return Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip());
  }

  private static void write(Path file, String text) throws IOException {
    DurableFiles.replace(
        file,
        file.resolveSibling("." + file.getFileName() + ".tmp"),
        (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void close(Closeable held, Exception why) {
    try {
      held.close();
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private static WarehouseException failure(String message, @Nullable Exception cause) {
    return new WarehouseException(StandardErrorCode.BOOT_FAILED, message, cause);
  }
}
