package io.datawarehouse.kernel.storage;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;

/** Writes and removes small files so that a crash leaves the old one or the new one. */
public final class DurableFiles {

  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private static final int WIPE_BYTES = 1 << 16;

  private DurableFiles() {}

  /** Makes a directory, and what is missing above it, that only its owner may enter. */
  public static void createPrivateDirectories(Path directory) throws IOException {
    Files.createDirectories(directory, onlyOwner(directory, OWNER_DIRECTORY));
  }

  /**
   * Puts a file in place that only its owner may read. When this returns it is on disk, whole; a
   * crash before leaves what was there, and perhaps the temporary file.
   *
   * @param temporary where to write first; in the same directory
   */
  public static void replace(Path target, Path temporary, byte[] content) throws IOException {
    try {
      write(temporary, content);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      deleteQuietly(temporary, e);
      throw e;
    }
    syncDirectory(target);
  }

  /**
   * Like {@link #replace}, but leaves alone what is there: of several that put the same file in
   * place at once, one does. Where the file system has no links, the last one does.
   *
   * @param temporary where to write first; in the same directory, and nobody else's
   * @return whether this one did
   */
  public static boolean create(Path target, Path temporary, byte[] content) throws IOException {
    try {
      write(temporary, content);
      Files.createLink(target, temporary);
      Files.delete(temporary);
    } catch (FileAlreadyExistsException e) {
      Files.deleteIfExists(temporary);
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.deleteIfExists(temporary);
      if (Files.exists(target)) {
        return false;
      }
      replace(target, temporary, content);
    }
    syncDirectory(target);
    return true;
  }

  private static void write(Path temporary, byte[] content) throws IOException {
    Files.deleteIfExists(temporary);
    Files.createFile(temporary, onlyOwner(temporary, OWNER_FILE));
    // Not a channel: that would be closed, and the write lost, by interrupting the thread.
    try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
      out.write(content);
      out.getFD().sync();
    }
  }

  /**
   * Like {@link #replace}, and overwrites what the file held before, once the new one is in place.
   * Meanwhile the old one has another name, under which it is found after a crash.
   *
   * @param aside that name; in the same directory
   */
  static void replaceWiping(Path target, Path temporary, Path aside, byte[] content)
      throws IOException {
    if (Files.notExists(target)) {
      replace(target, temporary, content);
      return;
    }
    boolean named = link(target, aside);
    try (RandomAccessFile old = new RandomAccessFile(target.toFile(), "rw")) {
      replace(target, temporary, content);
      overwrite(old);
    } catch (IOException e) {
      if (named) {
        deleteUnlessShared(aside, e);
      }
      throw e;
    }
    Files.deleteIfExists(aside);
  }

  /** Where a file system knows no second names, a crash can leave the old content under none. */
  private static boolean link(Path target, Path aside) throws IOException {
    Files.deleteIfExists(aside);
    try {
      Files.createLink(aside, target);
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    }
  }

  /**
   * Takes the second name away where the file still has its first; else the next start wipes it.
   */
  private static void deleteUnlessShared(Path aside, IOException why) {
    try {
      if (isShared(aside)) {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /** Returns whether a file has another name, so that its content is still in use. */
  private static boolean isShared(Path file) throws IOException {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ((Number) Files.getAttribute(file, "unix:nlink")).intValue() > 1;
  }

  /** Like {@link #delete}, and overwrites what the file held, unless it has another name. */
  static boolean deleteWiping(Path file) throws IOException {
    if (Files.notExists(file)) {
      return false;
    }
    if (isShared(file)) {
      return delete(file);
    }
    try (RandomAccessFile old = new RandomAccessFile(file.toFile(), "rw")) {
      boolean deleted = delete(file);
      overwrite(old);
      return deleted;
    }
  }

  /** Not a channel: that would be closed by interrupting the thread. */
  private static void overwrite(RandomAccessFile file) throws IOException {
    byte[] zeros = new byte[(int) Math.min(file.length(), WIPE_BYTES)];
    file.seek(0);
    for (long left = file.length(); left > 0; left -= zeros.length) {
      file.write(zeros, 0, (int) Math.min(left, zeros.length));
    }
    file.getFD().sync();
  }

  /** Removes a file durably; returns whether it was there. */
  public static boolean delete(Path file) throws IOException {
    boolean deleted = Files.deleteIfExists(file);
    if (deleted) {
      syncDirectory(file);
    }
    return deleted;
  }

  /** Says in the warehouse's terms what a failing disk means. */
  public static WarehouseException failure(String what, Path file, IOException cause) {
    boolean full = isFull(cause);
    return new WarehouseException(
        full ? StandardErrorCode.DISK_FULL : StandardErrorCode.STORAGE_FAILED,
        what + " failed" + (full ? ": the disk is full" : "") + ": " + reason(cause),
        new IOException(file.toString(), cause));
  }

  /** Returns why an operation failed, in words, without repeating the path. */
  public static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    String message = cause.getMessage();
    return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  private static boolean isFull(IOException cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left")
        || message.contains("quota exceeded")
        || message.contains("not enough space");
  }

  private static void deleteQuietly(Path file, IOException why) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /** A rename or removal is durable once the directory that names the file is. */
  private static void syncDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !isPosix(directory)) {
      return;
    }
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          // Interrupted meanwhile: once more, so that what is done is known to be durable.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static FileAttribute<?>[] onlyOwner(Path path, Set<PosixFilePermission> permissions) {
    return isPosix(path)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
