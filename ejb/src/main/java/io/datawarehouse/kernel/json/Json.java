package io.datawarehouse.kernel.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.datawarehouse.sdk.message.PayloadCodec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The one JSON mapping: of the REST API, of message payloads, of what the kernel stores. Strict
 * where it reads (unknown or repeated fields, trailing text, numbers in quotes and deep nesting are
 * refused), plain where it writes (empty optionals are left out, times in RFC 3339). Thread-safe.
 */
public final class Json {

  /** How deep objects and arrays may be nested in what is read. */
  public static final int DEEPEST_NESTING = 64;

  /** How long one string may be in what is read, in characters. */
  public static final int LONGEST_STRING = 1 << 20;

  private static final ObjectMapper MAPPER = newMapper();
  private static final PayloadCodec CODEC = new JsonPayloadCodec(MAPPER);

  private Json() {}

  /** Returns the mapper. MUST NOT be configured any further. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /** Returns the codec of message payloads. */
  public static PayloadCodec codec() {
    return CODEC;
  }

  /**
   * Reads a value.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_JSON} or the value's own
   *     error, naming the field
   */
  public static <T> T read(byte[] json, Class<T> type) {
    try {
      T value = MAPPER.readValue(json, type);
      if (value == null) {
        throw JsonErrors.missingValue();
      }
      return value;
    } catch (IOException e) {
      throw JsonErrors.explain(e);
    }
  }

  /** Writes a value that is known to have a JSON form. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw JsonErrors.explain(e);
    }
  }

  private static ObjectMapper newMapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .addModule(new SdkModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .build();
    for (CoercionInputShape shape :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
    }
    JsonSetter.Value absentIsEmpty = JsonSetter.Value.construct(Nulls.AS_EMPTY, Nulls.FAIL);
    mapper.configOverride(List.class).setSetterInfo(absentIsEmpty);
    mapper.configOverride(Set.class).setSetterInfo(absentIsEmpty);
    mapper.configOverride(Map.class).setSetterInfo(absentIsEmpty);
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST_NESTING)
                .maxStringLength(LONGEST_STRING)
                .maxNumberLength(100)
                .build());
    return mapper;
  }
}
