package io.datawarehouse.kernel.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the JSON library says into an error that names the field and what is wrong with it.
 */
final class JsonErrors {

  private JsonErrors() {}

  static WarehouseException missingValue() {
    return invalid("body", "is null or empty", null);
  }

  static WarehouseException explain(IOException e) {
    if (e instanceof StreamConstraintsException) {
      return invalid("body", "is nested too deep or holds a value that is too long", e);
    }
    if (e instanceof JsonMappingException mapping) {
      return explainMapping(mapping);
    }
    if (e instanceof JsonProcessingException syntax) {
      return explainSyntax(syntax);
    }
    return invalid("body", "cannot be read", e);
  }

  private static WarehouseException explainMapping(JsonMappingException e) {
    String field = path(e);
    WarehouseException own = ownError(e);
    if (own != null) {
      String detail = field.equals("body") ? own.detail() : field + ": " + own.detail();
      return new WarehouseException(own.code(), detail, own.attributes(), e);
    }
    if (e.getCause() instanceof StreamConstraintsException) {
      return invalid(field, "is nested too deep or holds a value that is too long", e);
    }
    if (e instanceof UnrecognizedPropertyException unknown) {
      String known =
          unknown.getKnownPropertyIds() == null
              ? ""
              : "; known are " + new TreeSet<>(unknown.getKnownPropertyIds());
      return invalid(field, "is not a known field" + known, e);
    }
    if (e instanceof InvalidNullException) {
      return invalid(field, "must not be null", e);
    }
    if (e instanceof InvalidFormatException format) {
      return invalid(
          field,
          "is "
              + WarehouseException.shown(format.getValue())
              + ", which is not "
              + kind(format.getTargetType()),
          e);
    }
    if (e.getCause() instanceof NullPointerException missing) {
      return invalid(missing.getMessage() == null ? field : missing.getMessage(), "is missing", e);
    }
    if (e instanceof MismatchedInputException mismatch) {
      if (mismatch.getOriginalMessage().startsWith("Cannot map `null`")) {
        return invalid(field, "is missing", e);
      }
      return mismatch.getOriginalMessage().startsWith("No content")
          ? invalid(field, "is empty", e)
          : invalid(field, "must be " + kind(mismatch.getTargetType()), e);
    }
    return invalid(field, "cannot be read", e);
  }

  private static WarehouseException explainSyntax(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    String message = e.getOriginalMessage();
    if (message != null && message.startsWith("Duplicate field")) {
      return invalid("body", "repeats a field" + where + ": " + message, e);
    }
    return invalid("body", "is not well-formed JSON" + where, e);
  }

  private static @Nullable WarehouseException ownError(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof WarehouseException own) {
        return own;
      }
    }
    return null;
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      } else if (step.getIndex() >= 0) {
        path.append('[').append(step.getIndex()).append(']');
      }
    }
    return path.isEmpty() ? "body" : path.toString();
  }

  private static String kind(@Nullable Class<?> type) {
    if (type == null) {
      return "of another type";
    }
    if (type.isEnum()) {
      return "one of " + java.util.Arrays.toString(type.getEnumConstants());
    }
    if (type == String.class || type.getSimpleName().endsWith("Name")) {
      return "a string";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (Number.class.isAssignableFrom(type)
        || type.isPrimitive()
        || type.getSimpleName().startsWith("OptionalInt")
        || type.getSimpleName().startsWith("OptionalLong")) {
      return "a number";
    }
    if (Iterable.class.isAssignableFrom(type) || type.isArray()) {
      return "an array";
    }
    if (java.time.temporal.Temporal.class.isAssignableFrom(type)) {
      return "a time as in RFC 3339";
    }
    if (type == java.time.Duration.class) {
      return "a duration as in ISO 8601, for example PT24H";
    }
    return type.isRecord() || Map.class.isAssignableFrom(type) ? "an object" : "of another type";
  }

  private static WarehouseException invalid(String field, String problem, @Nullable Throwable e) {
    return new WarehouseException(
        StandardErrorCode.INVALID_JSON, field + " " + problem, Map.of("field", field), e);
  }
}
