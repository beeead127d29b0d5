package io.datawarehouse.kernel.audit;

import io.datawarehouse.kernel.storage.DurableFiles;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One file of an audit log, named by the first identity that it may hold. Lines are added at the
 * end only. Confined to whoever holds the lock of the log.
 */
final class AuditPart {

  private static final Pattern NAME = Pattern.compile("[0-7][0-9a-f]{15}\\.log");

  private final Path file;
  private final long firstId;
  private long lastId;
  private int entries;
  private long bytes;
  private int damaged;
  private Instant newest = Instant.MIN;

  private AuditPart(Path file, long firstId) {
    this.file = file;
    this.firstId = firstId;
    this.lastId = firstId - 1;
  }

  /** What is needed to read a part without holding the lock. Immutable. */
  record View(Path file, long lastId) {}

  /** Makes an empty part that is there after a crash, too; never in the place of another. */
  static AuditPart create(Path directory, long firstId) throws IOException {
    Path file = directory.resolve(HexFormat.of().toHexDigits(firstId) + ".log");
    Path temporary = directory.resolve("." + file.getFileName() + ".tmp");
    if (!DurableFiles.create(file, temporary, new byte[0])) {
      throw new FileAlreadyExistsException(file.toString());
    }
    return new AuditPart(file, firstId);
  }

  /** Returns the first identity of a part's file; empty where the file is none. */
  static OptionalLong firstIdOf(Path file) {
    String name = String.valueOf(file.getFileName());
    return NAME.matcher(name).matches()
        ? OptionalLong.of(HexFormat.fromHexDigitsToLong(name.substring(0, 16)))
        : OptionalLong.empty();
  }

  /** Reads what is there; what a crash left of a line that was being written is cut off. */
  static AuditPart open(Path file, long firstId) throws IOException {
    AuditPart part = new AuditPart(file, firstId);
    try (InputStream in = new FileInputStream(file.toFile())) {
      AuditLines.readAll(in, part::admit);
    }
    if (Files.size(file) > part.bytes) {
      part.cut();
    }
    return part;
  }

  private boolean admit(Optional<AuditLines.Line> line, long end) {
    Optional<AuditEntry> entry = line.flatMap(AuditLines::entryOf);
    if (entry.isPresent()) {
      entries++;
      newest = later(newest, entry.get().at());
    } else {
      damaged++;
    }
    line.ifPresent(whole -> lastId = Math.max(lastId, whole.id()));
    bytes = end;
    return true;
  }

  /** Cuts off what does not belong to it: half a line. */
  void cut() throws IOException {
    try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
      writer.setLength(bytes);
      writer.getFD().sync();
    }
  }

  /**
   * Adds a line; when this returns the system has it, and the disk where that is asked for. Where
   * it throws, the part must be {@linkplain #cut cut} before it is added to again.
   */
  void add(long id, AuditEntry entry, byte[] line, boolean durable) throws IOException {
    // Not a channel: that would be closed by interrupting the thread.
    try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
      writer.seek(bytes);
      writer.write(line);
      if (durable) {
        writer.getFD().sync();
      }
    }
    bytes += line.length;
    entries++;
    lastId = id;
    newest = later(newest, entry.at());
  }

  void delete() throws IOException {
    DurableFiles.delete(file);
  }

  View view() {
    return new View(file, lastId);
  }

  long lastId() {
    return lastId;
  }

  long firstId() {
    return firstId;
  }

  int entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  int damaged() {
    return damaged;
  }

  /** Returns whether nothing in it is so new. */
  boolean endedBefore(Instant time) {
    return entries > 0 && newest.isBefore(time);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
