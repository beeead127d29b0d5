package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;

/**
 * A set of topics: parts joined by dots, where {@code *} stands for exactly one part and {@code **}
 * for any number of parts, also none. {@code storage.*} matches {@code storage.write} but not
 * {@code storage.bucket.create}; {@code storage.**} matches both, and {@code storage}. Immutable.
 *
 * @param text the pattern as written, at most 200 characters
 */
public record TopicPattern(String text) {

  private static final int LONGEST = 200;
  private static final String ANY_PARTS = "**";
  private static final String ONE_PART = "*";

  /** Checks the form. */
  public TopicPattern {
    if (text.isEmpty()
        || text.length() > LONGEST
        || !parts(text).stream().allMatch(TopicPattern::isPart)) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_TOPIC,
          "pattern",
          text,
          "use topic parts, '*' or '**' joined by dots, at most 200 characters");
    }
  }

  /** Returns the pattern with that text. */
  public static TopicPattern of(String text) {
    return new TopicPattern(text);
  }

  /** Returns whether the topic belongs to the set. */
  public boolean matches(Topic topic) {
    return matches(parts(text), 0, parts(topic.name()), 0);
  }

  private static boolean matches(List<String> pattern, int p, List<String> topic, int t) {
    int at = t;
    for (int i = p; i < pattern.size(); i++) {
      String part = pattern.get(i);
      if (part.equals(ANY_PARTS)) {
        // Several '**' in a row mean the same as one; skipping them keeps the search linear.
        int next = i + 1;
        while (next < pattern.size() && pattern.get(next).equals(ANY_PARTS)) {
          next++;
        }
        if (next == pattern.size()) {
          return true;
        }
        for (int rest = at; rest <= topic.size(); rest++) {
          if (matches(pattern, next, topic, rest)) {
            return true;
          }
        }
        return false;
      }
      if (at == topic.size() || !part.equals(ONE_PART) && !part.equals(topic.get(at))) {
        return false;
      }
      at++;
    }
    return at == topic.size();
  }

  private static boolean isPart(String part) {
    return part.equals(ONE_PART)
        || part.equals(ANY_PARTS)
        || !part.isEmpty() && part.chars().allMatch(c -> Topic.isPartCharacter((char) c));
  }

  private static List<String> parts(String dotted) {
    return List.of(dotted.split("\\.", -1));
  }

  @Override
  public String toString() {
    return text;
  }
}
