package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query string, each known and given at most once. As in forms, a {@code +}
 * stands for a space. Immutable.
 */
public final class QueryParameters {

  private static final QueryParameters NONE = new QueryParameters(Map.of());

  private final Map<String, String> values;

  private QueryParameters(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a query string.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming a parameter that is unknown,
   *     repeated or malformed
   */
  public static QueryParameters parse(@Nullable String query, String... known) {
    if (query == null || query.isEmpty()) {
      return NONE;
    }
    List<String> names = Arrays.asList(known);
    Map<String, String> values = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals), "query");
      if (!names.contains(name)) {
        throw WarehouseException.invalid("query parameter", name, unknown(names));
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1), name);
      if (values.put(name, value) != null) {
        throw WarehouseException.invalid(name, value, "give the parameter once");
      }
    }
    return new QueryParameters(values);
  }

  /** Returns a parameter's value; empty where it is missing. */
  public Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** Returns a whole number from {@code least} to {@code most}. */
  public int integer(String name, int defaultValue, int least, int most) {
    String value = values.get(name);
    if (value == null) {
      return defaultValue;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Answered below, like a number out of range.
    }
    throw WarehouseException.invalid(
        name, value, "use a whole number from " + least + " to " + most);
  }

  private static String unknown(List<String> names) {
    return names.isEmpty() ? "is not known; none is" : "is not known; known are " + names;
  }

  private static String decode(String encoded, String what) {
    for (int i = 0; i < encoded.length(); i++) {
      if (encoded.charAt(i) <= ' ' || encoded.charAt(i) > '~') {
        throw WarehouseException.invalid(what, encoded, "holds bytes that must be percent-encoded");
      }
    }
    return PercentEncoding.decode(
        encoded.replace('+', ' '), StandardErrorCode.INVALID_ARGUMENT, what);
  }
}
