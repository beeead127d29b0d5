package io.datawarehouse.web.rest;

/**
 * An event as those who follow see it, or a sign of life. Immutable.
 *
 * @param id the message's id; empty for a sign of life
 * @param topic the message's topic
 * @param data its payload
 */
record StreamEvent(String id, String topic, String data) {

  /** Says that the stream lives. */
  static final StreamEvent SIGN_OF_LIFE = new StreamEvent("", "", "");

  private static final int OVERHEAD = 256;

  boolean isSignOfLife() {
    return id.isEmpty();
  }

  /** Returns about how many bytes of memory this takes, rather too many than too few. */
  long memory() {
    return OVERHEAD + 2L * data.length();
  }
}
