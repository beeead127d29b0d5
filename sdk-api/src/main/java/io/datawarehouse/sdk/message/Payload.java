package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a message says: an immutable value, or its encoded bytes. Sender and handler need not share
 * a class: {@link #as(Class)} hands out the very object where it is of the asked type, and converts
 * it by shape where it is not, so that a plugin reads another plugin's message with a record of its
 * own. Immutable and thread-safe.
 *
 * <p>Values are records, strings, numbers, booleans, enums, {@link Bytes}, {@code java.time}
 * values, {@code Optional}s and unmodifiable collections ({@code List.of}, {@code List.copyOf} and
 * their like) of these. Anything that could change after sending is refused with {@code
 * PAYLOAD_MUTABLE}.
 */
public final class Payload {

  /** The media type of values. */
  public static final String JSON = "application/json";

  /** The media type of {@link Bytes} of which nothing more is known. */
  public static final String OCTETS = "application/octet-stream";

  private static final Payload EMPTY = new Payload(JSON, new Empty(), null);

  private final String contentType;
  private final Object value;
  private final @Nullable PayloadCodec codec;

  /** The value of an empty payload. */
  public record Empty() {}

  /** Bytes that came encoded; told from a {@link Bytes} value. */
  private record Encoded(Bytes bytes) {}

  private Payload(String contentType, Object value, @Nullable PayloadCodec codec) {
    this.contentType = Objects.requireNonNull(contentType, "contentType");
    this.value = value;
    this.codec = codec;
  }

  /** Returns the payload that says nothing: an empty JSON object. */
  public static Payload empty() {
    return EMPTY;
  }

  /**
   * Makes a payload of an immutable value; {@link Bytes} become {@code application/octet-stream}.
   */
  public static Payload of(Object value) {
    ImmutableValues.require(value);
    return new Payload(value instanceof Bytes ? OCTETS : JSON, value, null);
  }

  /** Makes a payload of bytes with a media type of their own, not to be interpreted. */
  public static Payload of(String contentType, Bytes bytes) {
    return new Payload(contentType, bytes, null);
  }

  /** Makes a payload of encoded bytes; the codec decodes them when somebody asks. */
  public static Payload encoded(String contentType, Bytes bytes, PayloadCodec codec) {
    return new Payload(contentType, new Encoded(bytes), Objects.requireNonNull(codec, "codec"));
  }

  /** Returns this payload with a codec for conversions; the bus does this on delivery. */
  public Payload withCodec(PayloadCodec newCodec) {
    return codec == newCodec ? this : new Payload(contentType, value, newCodec);
  }

  /** Returns the media type. */
  public String contentType() {
    return contentType;
  }

  /**
   * Returns the value itself where it is of the asked type; empty where it is another one, or has
   * come encoded. Never converts, so it costs next to nothing.
   *
   * @since 0.1
   */
  public <T> Optional<T> find(Class<T> type) {
    return type.isInstance(value) && !(value instanceof Encoded)
        ? Optional.of(type.cast(value))
        : Optional.empty();
  }

  /**
   * Returns the payload as a type: the value itself if it is one, else a conversion by shape.
   *
   * @throws WarehouseException {@code PAYLOAD_MISMATCH}, naming what does not fit
   */
  public <T> T as(Class<T> type) {
    if (type.isInstance(value)) {
      return type.cast(value);
    }
    if (codec == null) {
      throw new WarehouseException(
          StandardErrorCode.PAYLOAD_MISMATCH,
          "payload is a " + value.getClass().getSimpleName() + ", not a " + type.getSimpleName());
    }
    return value instanceof Encoded encoded
        ? codec.decode(encoded.bytes, contentType, type)
        : codec.convert(value, type);
  }

  /** Returns the payload's encoded form. Bytes stand for themselves. */
  public Bytes toBytes(PayloadCodec encoder) {
    if (value instanceof Encoded encoded) {
      return encoded.bytes;
    }
    return value instanceof Bytes bytes ? bytes : encoder.encode(value);
  }

  /** Returns how many bytes it holds, where it is bytes or encoded; 0 where it is a value. */
  public long encodedSize() {
    if (value instanceof Encoded encoded) {
      return encoded.bytes.size();
    }
    return value instanceof Bytes bytes ? bytes.size() : 0;
  }

  @Override
  public String toString() {
    // Contents may be anything, so they are not shown.
    return "Payload[" + contentType + ", " + value.getClass().getSimpleName() + "]";
  }
}
