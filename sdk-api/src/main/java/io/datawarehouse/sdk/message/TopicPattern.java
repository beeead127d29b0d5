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

  /** Returns whether the topic belongs to the set. Takes time linear in both for each wildcard. */
  public boolean matches(Topic topic) {
    return matches(parts(text), parts(topic.name()));
  }

  /**
   * Glob matching that remembers only the last {@code **}: whatever an earlier one could take, the
   * last one can take too, so going back further is never needed.
   */
  private static boolean matches(List<String> pattern, List<String> topic) {
    int p = 0;
    int t = 0;
    int lastAny = -1;
    int resumeAt = 0;
    while (t < topic.size()) {
      if (p < pattern.size() && pattern.get(p).equals(ANY_PARTS)) {
        lastAny = p++;
        resumeAt = t;
      } else if (p < pattern.size()
          && (pattern.get(p).equals(ONE_PART) || pattern.get(p).equals(topic.get(t)))) {
        p++;
        t++;
      } else if (lastAny >= 0) {
        p = lastAny + 1;
        t = ++resumeAt;
      } else {
        return false;
      }
    }
    while (p < pattern.size() && pattern.get(p).equals(ANY_PARTS)) {
      p++;
    }
    return p == pattern.size();
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
