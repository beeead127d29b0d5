package io.datawarehouse.plugin.rocksdb;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** Appends numbers and texts to a growing array, numbers in as few bytes as they need. */
final class RecordWriter {

  private byte[] bytes = new byte[256];
  private int size;

  RecordWriter putByte(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  /** Puts seven bits a byte, lowest first; negative numbers take ten bytes. */
  RecordWriter putLong(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  RecordWriter putText(String text) {
    return putBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  RecordWriter putBytes(byte[] source) {
    putLong(source.length);
    room(source.length);
    System.arraycopy(source, 0, bytes, size, source.length);
    size += source.length;
    return this;
  }

  RecordWriter putInstant(Instant instant) {
    return putLong(instant.getEpochSecond()).putLong(instant.getNano());
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
