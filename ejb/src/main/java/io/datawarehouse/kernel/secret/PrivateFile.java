package io.datawarehouse.kernel.secret;

import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Reads files that hold secrets, and refuses those that others can get at. */
public final class PrivateFile {

  /** How long a secret may be. */
  static final int MOST_BYTES = 64 << 10;

  private static final Set<PosixFilePermission> READING =
      EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
  private static final Set<PosixFilePermission> WRITING =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private PrivateFile() {}

  /**
   * Throws unless the owner alone can read and write the file.
   *
   * @throws WarehouseException {@code CONFIG_INVALID} saying how to mend it
   */
  public static void requireOwnersAlone(Path file) {
    require(file, READING);
    requireOwnerWrites(file);
  }

  /**
   * Throws if others than the owner can write the file. Who may read what an orchestrator mounts is
   * the orchestrator's business.
   */
  public static void requireOwnerWrites(Path file) {
    require(file, WRITING);
  }

  private static void require(Path file, Set<PosixFilePermission> forbidden) {
    try {
      Set<PosixFilePermission> given =
          file.getFileSystem().supportedFileAttributeViews().contains("posix")
              ? Files.getPosixFilePermissions(file)
              : Set.of();
      if (given.stream().anyMatch(forbidden::contains)) {
        throw invalid(
            "file '%s' can be %s by others than its owner: run chmod 600 '%s'"
                .formatted(file, forbidden.equals(READING) ? "read" : "changed", file));
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Reads a file, without a line end at its end; the caller wipes what it gets. */
  public static byte[] readLine(Path file) {
    byte[] content = read(file, MOST_BYTES);
    int end = content.length;
    while (end > 0 && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
      end--;
    }
    byte[] line = Arrays.copyOf(content, end);
    Arrays.fill(content, (byte) 0);
    return line;
  }

  /** Reads a whole file of no more than that many bytes; the caller wipes what it gets. */
  public static byte[] read(Path file, int mostBytes) {
    try {
      if (Files.size(file) > mostBytes) {
        throw invalid("file '" + file + "' is longer than " + mostBytes + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static WarehouseException unreadable(Path file, IOException cause) {
    return invalid("file '" + file + "' cannot be read: " + DurableFiles.reason(cause));
  }

  private static WarehouseException invalid(String detail) {
    return new WarehouseException(StandardErrorCode.CONFIG_INVALID, detail);
  }
}
