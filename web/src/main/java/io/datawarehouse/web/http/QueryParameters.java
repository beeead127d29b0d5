package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query string, each known and given at most once, but for those that may be
 * repeated. As in forms, a {@code +} stands for a space. Immutable.
 */
public final class QueryParameters {

  private static final QueryParameters NONE = new QueryParameters(Map.of());

  private final Map<String, List<String>> values;

  private QueryParameters(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * Reads a query string.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming a parameter that is unknown,
   *     repeated or malformed
   */
  public static QueryParameters parse(@Nullable String query, String... known) {
    return parse(query, Set.of(), known);
  }

  /**
   * Reads a query string in which some parameters may be given several times.
   *
   * @param repeatable those of the known ones that may
   * @throws WarehouseException as {@link #parse(String, String...)} does
   */
  public static QueryParameters parse(
      @Nullable String query, Set<String> repeatable, String... known) {
    if (query == null || query.isEmpty()) {
      return NONE;
    }
    List<String> names = Arrays.asList(known);
    Map<String, List<String>> values = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals), "query");
      if (!names.contains(name)) {
        throw WarehouseException.invalid("query parameter", name, unknown(names));
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1), name);
      List<String> given = values.computeIfAbsent(name, unused -> new ArrayList<>());
      if (!given.isEmpty() && !repeatable.contains(name)) {
        throw WarehouseException.invalid(name, value, "give the parameter once");
      }
      given.add(value);
    }
    return new QueryParameters(values);
  }

  /** Returns a parameter's value; empty where it is missing. */
  public Optional<String> find(String name) {
    return all(name).stream().findFirst();
  }

  /** Returns all values of a parameter that may be repeated, as they were given. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /** Returns a whole number from {@code least} to {@code most}. */
  public int integer(String name, int defaultValue, int least, int most) {
    Optional<String> given = find(name);
    if (given.isEmpty()) {
      return defaultValue;
    }
    String value = given.get();
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
