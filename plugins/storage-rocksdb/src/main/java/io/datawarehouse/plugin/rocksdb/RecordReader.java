package io.datawarehouse.plugin.rocksdb;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;

/** Reads what {@link RecordWriter} wrote; throws {@link MalformedRecord} where it did not. */
final class RecordReader {

  /** The bytes are not what was written. */
  static final class MalformedRecord extends RuntimeException {
    MalformedRecord(String message) {
      super(message);
    }
  }

  private final byte[] bytes;
  private int at;

  RecordReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int getByte() {
    need(1);
    return bytes[at++] & 0xFF;
  }

  long getLong() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int next = getByte();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw new MalformedRecord("a number is too long");
  }

  /** Returns a number that counts something. */
  int getCount() {
    long value = getLong();
    if (value < 0 || value > bytes.length) {
      throw new MalformedRecord("a count is " + value);
    }
    return (int) value;
  }

  byte[] getBytes() {
    int length = getCount();
    need(length);
    byte[] copy = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return copy;
  }

  String getText() {
    int length = getCount();
    need(length);
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  Instant getInstant() {
    try {
      return Instant.ofEpochSecond(getLong(), getLong());
    } catch (DateTimeException e) {
      throw new MalformedRecord("a time is out of range");
    }
  }

  void requireEnd() {
    if (at != bytes.length) {
      throw new MalformedRecord((bytes.length - at) + " bytes too many");
    }
  }

  private void need(int count) {
    if (bytes.length - at < count) {
      throw new MalformedRecord("it ends too early");
    }
  }
}
