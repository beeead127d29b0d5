package io.datawarehouse.kernel.peer;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes the small parts of frames into an array that grows. Confined to one thread. */
final class WireWriter {

  private static final int LONGEST_PER_CHARACTER = 3;

  private byte[] bytes;
  private int size;

  WireWriter(int expected) {
    bytes = new byte[Math.max(32, expected)];
  }

  void octet(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  /** Writes a number that is not negative in groups of seven bits, the lowest first. */
  void number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  void fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  void real(double value) {
    fixed(Double.doubleToLongBits(value));
  }

  /** Writes a text: its length in bytes, then UTF-8. */
  void text(String value) {
    int length = value.length();
    room(5 + length * LONGEST_PER_CHARACTER);
    if (length < 0x80 && plain(value, length)) {
      bytes[size++] = (byte) length;
      for (int i = 0; i < length; i++) {
        bytes[size++] = (byte) value.charAt(i);
      }
    } else {
      octets(value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private static boolean plain(String value, int length) {
    for (int i = 0; i < length; i++) {
      if (value.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** Writes bytes with their number before. */
  void octets(byte[] value) {
    number(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  /** Writes what remains in the buffer with its number of bytes before. */
  void octets(ByteBuffer value) {
    int length = value.remaining();
    number(length);
    room(length);
    value.get(bytes, size, length);
    size += length;
  }

  /** Returns what was written. */
  byte[] toBytes() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
