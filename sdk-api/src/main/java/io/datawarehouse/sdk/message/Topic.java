package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;

/**
 * Where a message goes: parts joined by dots, for example {@code storage.write}. Immutable.
 *
 * @param name the whole name, at most 200 characters; a part is letters, digits, {@code -} or
 *     {@code _}
 */
public record Topic(String name) implements Comparable<Topic> {

  private static final int LONGEST = 200;

  /** Checks the form. */
  public Topic {
    if (!wellFormed(name)) {
      throw WarehouseException.invalid(
          StandardErrorCode.INVALID_TOPIC,
          "topic",
          name,
          "use parts of letters, digits, '-' and '_' joined by dots, at most 200 characters");
    }
  }

  private static boolean wellFormed(String name) {
    if (name.isEmpty() || name.length() > LONGEST) {
      return false;
    }
    boolean inPart = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '.') {
        if (!inPart) {
          return false;
        }
        inPart = false;
      } else if (isPartCharacter(c)) {
        inPart = true;
      } else {
        return false;
      }
    }
    return inPart;
  }

  static boolean isPartCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_';
  }

  /** Returns the topic with that name. */
  public static Topic of(String name) {
    return new Topic(name);
  }

  @Override
  public int compareTo(Topic other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
