package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.message.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads the parts of frames, out of an array or out of a stream. Every read is checked against the
 * end: what another node sent is never trusted. Confined to one thread.
 *
 * <p>Of a stream only a small window is held in an array. The small parts of frames are read there;
 * long bytes go from the stream to where they stay, so that they are copied once.
 */
final class WireReader {

  private static final int WINDOW = 4 << 10;

  private final InputStream source;
  private byte[] bytes;
  private int at;

  /** Where the window ends. */
  private int filled;

  /** Where the frame ends that is read, counted in the window; it may lie beyond it. */
  private int end;

  /** Where all ends, counted in the same way. */
  private int total;

  /** The smaller one of {@code filled} and {@code end}. */
  private int ready;

  WireReader(byte[] bytes, int from, int length) {
    Objects.checkFromIndexSize(from, length, bytes.length);
    this.source = InputStream.nullInputStream();
    this.bytes = bytes;
    this.at = from;
    this.filled = from + length;
    this.end = filled;
    this.total = filled;
    this.ready = filled;
  }

  /** Makes one of the next bytes of a stream, of which there are so many. */
  WireReader(InputStream source, int length) {
    this.source = source;
    this.bytes = new byte[Math.min(WINDOW, length)];
    this.end = length;
    this.total = length;
  }

  boolean hasMore() {
    return at < end;
  }

  /** Returns how many bytes are left. */
  int left() {
    return end - at;
  }

  /** The array in which {@link #skip} finds what it moves over; another one after each call. */
  byte[] array() {
    return bytes;
  }

  int octet() {
    require(1);
    return bytes[at++] & 0xff;
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = octet();
      value |= (long) (octet & 0x7f) << shift;
      if (octet < 0x80) {
        if (value < 0) {
          throw new MalformedFrame("a number is negative");
        }
        return value;
      }
    }
    throw new MalformedFrame("a number is too long");
  }

  /** Reads a number of bytes or elements: at most what is left. */
  int count() {
    long value = number();
    if (value > left()) {
      throw new MalformedFrame("a length of " + value + " where " + left() + " bytes are left");
    }
    return (int) value;
  }

  long fixed() {
    require(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | bytes[at++] & 0xff;
    }
    return value;
  }

  double real() {
    return Double.longBitsToDouble(fixed());
  }

  String text() {
    int length = count();
    int begin = skip(length);
    return new String(bytes, begin, length, StandardCharsets.UTF_8);
  }

  /** Moves over bytes that follow their number; returns where they begin in the array. */
  int skip(int length) {
    require(length);
    int begin = at;
    at += length;
    return begin;
  }

  /** Reads bytes after their number; they are copied once. */
  Bytes octets() {
    int length = count();
    try {
      return Bytes.read(new Rest(), length);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Reads all that is left. */
  byte[] rest() {
    byte[] rest = new byte[left()];
    try {
      if (new Rest().readNBytes(rest, 0, rest.length) < rest.length) {
        throw new EOFException("a message ended early");
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return rest;
  }

  /** Begins a frame that follows its length: until it is left nothing beyond it is read. */
  void enter() {
    int length = count();
    end = at + length;
    ready = Math.min(filled, end);
  }

  /** Ends the frame, which must have been read wholly. */
  void leave() {
    end = total;
    ready = filled;
  }

  private void require(int more) {
    if (ready - at < more) {
      fill(more);
    }
  }

  /** Sees that so many bytes are in the window. */
  private void fill(int more) {
    if (left() < more) {
      throw new MalformedFrame("it ends in the middle");
    }
    move(more);
    try {
      int wanted = Math.min(bytes.length, total) - filled;
      if (source.readNBytes(bytes, filled, wanted) < wanted) {
        throw new EOFException("a message ended early");
      }
      filled += wanted;
    } catch (IOException e) {
      throw unreadable(e);
    }
    ready = Math.min(filled, end);
  }

  /** Moves what was not read to the window's beginning, and makes room. */
  private void move(int room) {
    byte[] target = room <= bytes.length ? bytes : Arrays.copyOf(bytes, room);
    System.arraycopy(bytes, at, target, 0, filled - at);
    bytes = target;
    filled -= at;
    end -= at;
    total -= at;
    at = 0;
  }

  private static MalformedFrame unreadable(IOException e) {
    MalformedFrame malformed = new MalformedFrame("it cannot be read: " + e.getMessage());
    malformed.initCause(e);
    return malformed;
  }

  /** What is left: first what the window has of it, then the stream. */
  private final class Rest extends InputStream {

    @Override
    public int read() {
      return hasMore() ? octet() : -1;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
      if (!hasMore()) {
        return -1;
      }
      if (at < ready) {
        int taken = Math.min(ready - at, count);
        System.arraycopy(bytes, at, target, offset, taken);
        at += taken;
        return taken;
      }
      int read = source.read(target, offset, Math.min(count, left()));
      if (read > 0) {
        // The window is empty and stays; the ends come nearer.
        end -= read;
        total -= read;
      }
      return read;
    }
  }
}
