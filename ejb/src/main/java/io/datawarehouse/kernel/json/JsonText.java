package io.datawarehouse.kernel.json;

import io.datawarehouse.sdk.message.Bytes;

/**
 * A JSON value that is passed on, and not looked into. Reading it builds no tree, which would take
 * many times the memory of the text; the text is checked all the same, and its numbers stay as they
 * are written. Immutable.
 *
 * @param utf8 the text, without blanks between its parts
 */
public record JsonText(Bytes utf8) {

  /** The value {@code null}. */
  static final JsonText NULL = new JsonText(Bytes.utf8("null"));

  /** Returns whether this is the value {@code null}. */
  public boolean isNull() {
    return equals(NULL);
  }

  /** Returns how long the text is, in bytes. */
  public int size() {
    return utf8.size();
  }
}
