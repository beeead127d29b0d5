package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jgroups.protocols.raft.LogEntry;

/**
 * The binary form of the log file: "DWRL", a byte 1, and then frames, each of four bytes of length,
 * four bytes of CRC-32 of what follows, and that. What follows is a byte for its kind and fields,
 * numbers as in {@link Wire}:
 *
 * <pre>
 * 0 base    number (index), number (term)    the log begins behind that; the first frame alone
 * 1 entry   number (index), number (term), byte (1 if it is the library's own), the command
 * 2 commit  number (index)                   up to there it is agreed
 * 3 cut     number (index)                   from there on the entries are gone
 * </pre>
 *
 * <p>Nothing is overwritten: what no longer holds is cut by a later frame. So the last frames alone
 * can be incomplete after a crash; they were never acknowledged, and are left out.
 */
final class LogFrames {

  static final byte[] HEADER = {'D', 'W', 'R', 'L', 1};
  static final int FRAME = 2 * Integer.BYTES;

  private static final int BASE = 0;
  private static final int ENTRY = 1;
  private static final int COMMIT = 2;
  private static final int CUT = 3;
  private static final int LONGEST = 16 << 20;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Takes what stands in a file, in order. */
  interface Reader {
    void base(long index, long term) throws IOException;

    void entry(long index, LogEntry entry) throws IOException;

    void commit(long index) throws IOException;

    void cut(long index) throws IOException;
  }

  /** Writes to a buffer. */
  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  LogFrames base(long index, long term) {
    return frame(
        out -> {
          out.writeByte(BASE);
          Wire.writeNumber(out, index);
          Wire.writeNumber(out, term);
        });
  }

  LogFrames entry(long index, LogEntry entry) {
    return frame(
        out -> {
          out.writeByte(ENTRY);
          Wire.writeNumber(out, index);
          Wire.writeNumber(out, entry.term());
          out.writeBoolean(entry.internal());
          if (entry.command() != null) {
            out.write(entry.command(), entry.offset(), entry.length());
          }
        });
  }

  LogFrames commit(long index) {
    return frame(
        out -> {
          out.writeByte(COMMIT);
          Wire.writeNumber(out, index);
        });
  }

  LogFrames cut(long index) {
    return frame(
        out -> {
          out.writeByte(CUT);
          Wire.writeNumber(out, index);
        });
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  private LogFrames frame(Body body) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try {
      body.write(new DataOutputStream(content));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    byte[] written = content.toByteArray();
    ByteBuffer head = ByteBuffer.allocate(FRAME).putInt(written.length).putInt(checksum(written));
    bytes.writeBytes(head.array());
    bytes.writeBytes(written);
    return this;
  }

  /**
   * Reads a file and returns up to where it is whole.
   *
   * @throws IOException if it is damaged before its end
   */
  static int read(byte[] file, Reader reader) throws IOException {
    requireHeader(file);
    ByteBuffer frames = ByteBuffer.wrap(file);
    int whole = HEADER.length;
    while (true) {
      byte[] body = frameAt(frames, whole);
      if (body == null) {
        requireTorn(frames, whole);
        return whole;
      }
      take(body, reader);
      whole += FRAME + body.length;
    }
  }

  private static void requireHeader(byte[] file) throws IOException {
    for (int i = 0; i < HEADER.length; i++) {
      if (i >= file.length || file[i] != HEADER[i]) {
        throw new IOException("this is no log that this release can read");
      }
    }
  }

  private static byte @org.jspecify.annotations.Nullable [] frameAt(ByteBuffer frames, int at) {
    if (frames.limit() - at < FRAME) {
      return null;
    }
    int length = frames.getInt(at);
    if (length < 1 || length > LONGEST || length > frames.limit() - at - FRAME) {
      return null;
    }
    byte[] body = new byte[length];
    frames.get(at + FRAME, body);
    return checksum(body) == frames.getInt(at + Integer.BYTES) ? body : null;
  }

  /** A frame that is not whole is a crash's if nothing whole follows it, else it is damage. */
  private static void requireTorn(ByteBuffer frames, int at) throws IOException {
    if (frames.limit() - at < FRAME) {
      return;
    }
    int length = frames.getInt(at);
    boolean inside = length >= 1 && length <= frames.limit() - at - FRAME;
    if (inside && frameAt(frames, at + FRAME + length) != null) {
      throw new IOException("the log is damaged at byte " + at);
    }
  }

  private static void take(byte[] body, Reader reader) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    int kind = in.readUnsignedByte();
    long index = Wire.readNumber(in);
    switch (kind) {
      case BASE -> reader.base(index, Wire.readNumber(in));
      case ENTRY -> {
        long term = Wire.readNumber(in);
        boolean internal = in.readBoolean();
        reader.entry(index, new LogEntry(term, in.readAllBytes()).internal(internal));
      }
      case COMMIT -> reader.commit(index);
      case CUT -> reader.cut(index);
      default -> throw new IOException("a frame of kind " + kind + ", written by a later release");
    }
  }

  static int checksum(byte[] bytes) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }
}
