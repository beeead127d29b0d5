package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads lists of entity tags (RFC 9110, sections 8.8.3 and 13.1). A strong comparison never matches
 * a weak tag; for a weak comparison the mark is left out.
 */
public final class EntityTags {

  private static final String WEAK = "W/";

  private EntityTags() {}

  /**
   * Returns the tags of all lines of a header, without quotes; {@code *} stands for itself.
   *
   * @param strong whether weak tags are kept with their mark, so that they match nothing
   */
  public static List<String> parse(String header, List<String> lines, boolean strong) {
    List<String> tags = new ArrayList<>();
    for (String line : lines) {
      parseLine(header, line, strong, tags);
    }
    if (tags.contains("*") && tags.size() > 1) {
      throw invalid(header, String.join(", ", lines), "'*' stands alone");
    }
    return List.copyOf(tags);
  }

  private static void parseLine(String header, String line, boolean strong, List<String> tags) {
    int at = skipSpace(line, 0);
    if (at == line.length()) {
      throw invalid(header, line, "needs an entity tag in double quotes, or '*'");
    }
    while (at < line.length()) {
      if (line.charAt(at) == '*') {
        tags.add("*");
        at++;
      } else {
        boolean weak = line.startsWith(WEAK, at);
        int open = weak ? at + WEAK.length() : at;
        int close = open < line.length() ? line.indexOf('"', open + 1) : -1;
        if (close < 0 || line.charAt(open) != '"') {
          throw invalid(header, line, "needs entity tags in double quotes, or '*'");
        }
        String tag = line.substring(open + 1, close);
        tags.add(weak && strong ? WEAK + tag : tag);
        at = close + 1;
      }
      at = skipSpace(line, at);
      if (at < line.length()) {
        if (line.charAt(at) != ',') {
          throw invalid(header, line, "entity tags are separated by commas");
        }
        at = skipSpace(line, at + 1);
      }
    }
  }

  private static int skipSpace(String line, int from) {
    int at = from;
    while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  private static WarehouseException invalid(String header, String value, String rule) {
    return WarehouseException.invalid(header, value, rule);
  }
}
