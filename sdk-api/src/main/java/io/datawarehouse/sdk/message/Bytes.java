package io.datawarehouse.sdk.message;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes that never change. What makes them copies; so does {@link #toArray()}. */
public final class Bytes {

  private static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  /** Returns no bytes. */
  public static Bytes empty() {
    return EMPTY;
  }

  /** Copies the array. */
  public static Bytes copyOf(byte[] source) {
    return new Bytes(source.clone());
  }

  /** Copies what remains in the buffer and moves its position to the limit. */
  public static Bytes copyOf(ByteBuffer source) {
    byte[] copy = new byte[source.remaining()];
    source.get(copy);
    return new Bytes(copy);
  }

  /**
   * Reads bytes from a stream, and nothing beyond them. They are not copied again: the stream must
   * not keep the array that it is given to fill.
   *
   * @param size how many
   * @throws EOFException where there are fewer
   * @since 0.1
   */
  public static Bytes read(InputStream source, int size) throws IOException {
    byte[] content = new byte[size];
    int read = source.readNBytes(content, 0, size);
    if (read < size) {
      throw new EOFException(read + " bytes where " + size + " were to come");
    }
    return new Bytes(content);
  }

  /** Returns the text's UTF-8 bytes. */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns how many bytes there are. */
  public int size() {
    return content.length;
  }

  /** Returns a copy. */
  public byte[] toArray() {
    return content.clone();
  }

  /** Returns a read-only view; nothing is copied. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(content).asReadOnlyBuffer();
  }

  /** Returns a new stream over the bytes; nothing is copied. */
  public InputStream asInputStream() {
    return new ByteArrayInputStream(content);
  }

  /** Returns the bytes read as UTF-8; malformed ones become the replacement character. */
  public String asUtf8() {
    return new String(content, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return content.length + " bytes";
  }
}
