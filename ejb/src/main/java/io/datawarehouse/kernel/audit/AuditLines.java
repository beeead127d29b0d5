package io.datawarehouse.kernel.audit;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The form of an entry in a file: a checksum of the rest in eight hexadecimal digits, the identity
 * in sixteen, the entry as JSON, the end of a line. So a log can be read with the eyes, too.
 */
final class AuditLines {

  /** No entry is longer, as its texts are bounded. */
  static final int LONGEST = 16 * 1024;

  private static final int ID_AT = 9;
  private static final int JSON_AT = 26;
  private static final HexFormat HEX = HexFormat.of();

  private AuditLines() {}

  /** A line that is whole, read as far as that was asked for. Confined to who reads the file. */
  static final class Line {

    private final long id;
    private final byte[] bytes;

    private Line(long id, byte[] bytes) {
      this.id = id;
      this.bytes = bytes;
    }

    /** Returns the identity of its entry. */
    long id() {
      return id;
    }

    AuditEntry entry() {
      return Json.read(Arrays.copyOfRange(bytes, JSON_AT, bytes.length), AuditEntry.class);
    }
  }

  static byte[] write(long id, AuditEntry entry) {
    byte[] json = Json.write(entry);
    byte[] line = new byte[JSON_AT + json.length + 1];
    put(line, ID_AT, HEX.toHexDigits(id) + " ");
    System.arraycopy(json, 0, line, JSON_AT, json.length);
    line[line.length - 1] = '\n';
    put(line, 0, HEX.toHexDigits(checksum(line, line.length - 1)) + " ");
    return line;
  }

  /** Returns the line, if it is whole. */
  static Optional<Line> read(byte[] bytes) {
    if (bytes.length <= JSON_AT || bytes[ID_AT - 1] != ' ' || bytes[JSON_AT - 1] != ' ') {
      return Optional.empty();
    }
    try {
      int checksum = HexFormat.fromHexDigits(text(bytes, 0, ID_AT - 1));
      long id = HexFormat.fromHexDigitsToLong(text(bytes, ID_AT, JSON_AT - 1));
      return checksum == checksum(bytes, bytes.length)
          ? Optional.of(new Line(id, bytes))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Told of every line of a file. */
  interface Reader {

    /**
     * Takes a line; returns whether to go on.
     *
     * @param line the line; empty where it is damaged
     * @param end where in the file the next one begins
     */
    boolean take(Optional<Line> line, long end);
  }

  /**
   * Reads lines until the reader has enough or the file ends; a tail without an end is left out.
   */
  static void readAll(InputStream file, Reader reader) throws IOException {
    BufferedInputStream in = new BufferedInputStream(file, 1 << 16);
    byte[] line = new byte[LONGEST];
    int length = 0;
    long position = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      position++;
      if (b != '\n') {
        // Of what is too long for a line, only that it is damaged is of interest.
        if (length < LONGEST) {
          line[length++] = (byte) b;
        }
      } else {
        boolean more = reader.take(read(Arrays.copyOf(line, length)), position);
        length = 0;
        if (!more) {
          return;
        }
      }
    }
  }

  /** Returns the entry of a line; empty where another version of the product wrote it. */
  static Optional<AuditEntry> entryOf(Line line) {
    try {
      return Optional.of(line.entry());
    } catch (WarehouseException e) {
      return Optional.empty();
    }
  }

  private static int checksum(byte[] line, int end) {
    CRC32C checksum = new CRC32C();
    checksum.update(line, ID_AT, end - ID_AT);
    return (int) checksum.getValue();
  }

  private static void put(byte[] line, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, line, at, bytes.length);
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }
}
