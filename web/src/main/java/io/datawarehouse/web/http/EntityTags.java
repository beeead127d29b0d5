package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Entity tags as in RFC 9110, section 8.8.3, and lists of them. A tag comes out without its quotes.
 */
public final class EntityTags {

  private static final String WEAK = "W/";

  private EntityTags() {}

  /** Returns the header's form of a version's tag. */
  public static String quoted(String etag) {
    return '"' + etag + '"';
  }

  /**
   * Reads a list for strong comparison: a weak tag stays in it in a form that no version has.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT}, naming the header
   */
  public static List<String> strong(Optional<String> value, String header) {
    return value.isEmpty() ? List.of() : parse(value.get(), header, false);
  }

  /** Reads a list for weak comparison: whether a tag is weak makes no difference. */
  public static List<String> weak(Optional<String> value, String header) {
    return value.isEmpty() ? List.of() : parse(value.get(), header, true);
  }

  /** Returns one tag for strong comparison; empty where the value does not look like a tag. */
  public static Optional<String> single(String value, String header) {
    if (!value.startsWith("\"") && !value.startsWith(WEAK)) {
      return Optional.empty();
    }
    List<String> tags = parse(value, header, false);
    if (tags.size() != 1) {
      throw malformed(value, header);
    }
    return Optional.of(tags.get(0));
  }

  private static List<String> parse(String value, String header, boolean dropWeakness) {
    if (value.equals(WriteCondition.ANY)) {
      return List.of(WriteCondition.ANY);
    }
    List<String> tags = new ArrayList<>();
    int at = 0;
    while (true) {
      at = skipSpace(value, at);
      boolean weak = value.startsWith(WEAK, at);
      int open = weak ? at + WEAK.length() : at;
      int close = closingQuote(value, open);
      if (close < 0) {
        throw malformed(value, header);
      }
      tags.add(weak && !dropWeakness ? WEAK : value.substring(open + 1, close));
      at = skipSpace(value, close + 1);
      if (at == value.length()) {
        return List.copyOf(tags);
      }
      if (value.charAt(at) != ',') {
        throw malformed(value, header);
      }
      at++;
    }
  }

  private static int closingQuote(String value, int open) {
    if (open >= value.length() || value.charAt(open) != '"') {
      return -1;
    }
    for (int i = open + 1; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"') {
        return i;
      }
      if (c <= ' ' || c == 0x7f) {
        return -1;
      }
    }
    return -1;
  }

  private static int skipSpace(String value, int from) {
    int at = from;
    while (at < value.length() && (value.charAt(at) == ' ' || value.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  private static WarehouseException malformed(String value, String header) {
    return WarehouseException.invalid(
        header, value, "use '*' or quoted entity tags separated by commas");
  }
}
