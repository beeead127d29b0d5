package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.message.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    if (length >= 0x80 || !plain(value, length)) {
      octets(value.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Writes a short text that is ASCII, and nothing where it is not. */
  private boolean plain(String value, int length) {
    byte[] target = bytes;
    int begin = size + 1;
    for (int i = 0; i < length; i++) {
      char character = value.charAt(i);
      if (character >= 0x80) {
        return false;
      }
      target[begin + i] = (byte) character;
    }
    target[size] = (byte) length;
    size = begin + length;
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

  /** Returns what was written as a frame, with a payload behind it; nothing is written later. */
  EncodedFrame toFrame(Bytes body) {
    return EncodedFrame.of(bytes, size, body);
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
