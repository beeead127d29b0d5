package io.datawarehouse.sdk.message;

/**
 * Turns payload values into bytes and back. The kernel has one (JSON); plugins meet it only through
 * {@link Payload#as(Class)}. Thread-safe.
 */
public interface PayloadCodec {

  /** Returns the media type that {@link #encode(Object)} produces. */
  String contentType();

  /** Encodes an immutable value; throws {@code PAYLOAD_MISMATCH} where it cannot. */
  Bytes encode(Object value);

  /**
   * Decodes bytes as the type.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code PAYLOAD_MISMATCH}, naming the
   *     field that does not fit
   */
  <T> T decode(Bytes bytes, String contentType, Class<T> type);

  /** Converts a value to another type of the same shape, as if through its encoded form. */
  <T> T convert(Object value, Class<T> type);
}
