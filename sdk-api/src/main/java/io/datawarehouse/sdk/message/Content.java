package io.datawarehouse.sdk.message;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Large content that travels beside a message as a stream, read once, from first to last byte.
 * Confined to one thread at a time.
 *
 * <p>Who receives a content owns it and MUST close it, read to the end or not: a handler the
 * content of the message, a requester the content of the reply. The bus closes what nobody
 * received.
 */
public final class Content implements AutoCloseable {

  private final InputStream stream;
  private final OptionalLong length;
  private final String contentType;

  private Content(InputStream stream, OptionalLong length, String contentType) {
    this.stream = Objects.requireNonNull(stream, "stream");
    this.length = length;
    this.contentType = Objects.requireNonNull(contentType, "contentType");
  }

  /**
   * Makes content of a stream.
   *
   * @param length the number of bytes that the stream will give, where known
   */
  public static Content of(InputStream stream, OptionalLong length, String contentType) {
    return new Content(stream, length, contentType);
  }

  /** Makes content of bytes. */
  public static Content of(Bytes bytes, String contentType) {
    return new Content(bytes.asInputStream(), OptionalLong.of(bytes.size()), contentType);
  }

  /** Returns the stream; always the same one. */
  public InputStream stream() {
    return stream;
  }

  /** Returns the announced number of bytes, where known. */
  public OptionalLong length() {
    return length;
  }

  /** Returns the media type. */
  public String contentType() {
    return contentType;
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
