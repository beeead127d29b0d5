package io.datawarehouse.web.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.json.JsonText;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Headers of messages as clients write them: an object of strings, or {@code header=NAME:VALUE}
 * once for each. Names are those of HTTP and do not differ by case.
 */
public final class MessageHeaders {

  /** The field of a body. */
  public static final String FIELD = "headers";

  /** The query parameter. */
  public static final String PARAMETER = "header";

  /** How many there may be. */
  public static final int MOST = 64;

  private static final int LONGEST_VALUE = 4_096;
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

  /** What may stand around a value, as in HTTP; anything else of that kind is refused. */
  private static final Pattern SPACE = Pattern.compile("^[ \\t]+|[ \\t]+$");

  private MessageHeaders() {}

  /**
   * Reads an object of strings.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the field and what is wrong
   */
  public static Map<String, String> of(JsonText object) {
    Map<String, String> headers = new LinkedHashMap<>();
    try (JsonParser in = Json.mapper().getFactory().createParser(object.utf8().toArray())) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw WarehouseException.invalid(FIELD, object.utf8().asUtf8(), "use an object of strings");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        if (in.nextToken() != JsonToken.VALUE_STRING) {
          throw WarehouseException.invalid(FIELD, name, "a value is a string");
        }
        add(FIELD, headers, name, in.getText());
      }
      return headers;
    } catch (IOException e) {
      throw new UncheckedIOException("a text that was read before", e);
    }
  }

  /**
   * Reads headers of the form {@code NAME:VALUE}.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the parameter and what is wrong
   */
  public static Map<String, String> of(List<String> lines) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw WarehouseException.invalid(PARAMETER, line, "use NAME:VALUE");
      }
      add(
          PARAMETER,
          headers,
          line.substring(0, colon),
          SPACE.matcher(line.substring(colon + 1)).replaceAll(""));
    }
    return headers;
  }

  private static void add(String field, Map<String, String> headers, String name, String value) {
    if (!NAME.matcher(name).matches()) {
      throw WarehouseException.invalid(
          field, name, "a name has 1 to 128 letters, digits and marks like '-' and '_'");
    }
    if (value.length() > LONGEST_VALUE || value.chars().anyMatch(Character::isISOControl)) {
      throw WarehouseException.invalid(
          field, name, "a value has at most 4096 characters and no control characters");
    }
    if (headers.put(name.toLowerCase(Locale.ROOT), value) != null) {
      throw WarehouseException.invalid(field, name, "is there twice, names do not differ by case");
    }
    if (headers.size() > MOST) {
      throw WarehouseException.invalid(field, headers.size() + " headers", "at most " + MOST);
    }
  }
}
