package io.datawarehouse.kernel.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;

/** Payload values as JSON. Thread-safe. */
final class JsonPayloadCodec implements PayloadCodec {

  private final ObjectMapper mapper;

  JsonPayloadCodec(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  @Override
  public String contentType() {
    return Payload.JSON;
  }

  @Override
  public Bytes encode(Object value) {
    try {
      return Bytes.copyOf(mapper.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new WarehouseException(
          StandardErrorCode.PAYLOAD_MISMATCH,
          "payload of type " + value.getClass().getSimpleName() + " has no JSON form",
          e);
    }
  }

  @Override
  public <T> T decode(Bytes bytes, String contentType, Class<T> type) {
    if (type == Bytes.class) {
      return type.cast(bytes);
    }
    if (!isJson(contentType)) {
      throw new WarehouseException(
          StandardErrorCode.PAYLOAD_MISMATCH,
          "payload is "
              + contentType
              + ", not JSON, and cannot be read as "
              + type.getSimpleName());
    }
    return Json.read(bytes.toArray(), type);
  }

  @Override
  public <T> T convert(Object value, Class<T> type) {
    return type == Bytes.class
        ? type.cast(encode(value))
        : Json.read(encode(value).toArray(), type);
  }

  private static boolean isJson(String contentType) {
    int semicolon = contentType.indexOf(';');
    String bare = (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).strip();
    return bare.equalsIgnoreCase(Payload.JSON);
  }
}
