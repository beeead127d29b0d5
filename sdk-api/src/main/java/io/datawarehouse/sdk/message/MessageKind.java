package io.datawarehouse.sdk.message;

/** What a message wants. */
public enum MessageKind {
  /** Changes something; exactly one handler answers. */
  COMMAND,
  /** Asks something and changes nothing; exactly one handler answers. */
  QUERY,
  /** Says that something happened; every subscriber hears it, nobody answers. */
  EVENT
}
