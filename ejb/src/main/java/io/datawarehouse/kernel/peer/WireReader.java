package io.datawarehouse.kernel.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the small parts of frames. Every read is checked against the end: what another node sent is
 * never trusted. Confined to one thread.
 */
final class WireReader {

  private final byte[] bytes;
  private final int end;
  private int at;

  WireReader(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.at = from;
    this.end = from + length;
  }

  boolean hasMore() {
    return at < end;
  }

  int position() {
    return at;
  }

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
    if (value > end - at) {
      throw new MalformedFrame("a length of " + value + " where " + (end - at) + " bytes are left");
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
    String value = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  /** Moves over bytes that follow their number; returns where they begin. */
  int skip(int length) {
    require(length);
    int begin = at;
    at += length;
    return begin;
  }

  ByteBuffer octets() {
    int length = count();
    ByteBuffer value = ByteBuffer.wrap(bytes, at, length);
    at += length;
    return value;
  }

  private void require(int more) {
    if (end - at < more) {
      throw new MalformedFrame("it ends in the middle");
    }
  }
}
