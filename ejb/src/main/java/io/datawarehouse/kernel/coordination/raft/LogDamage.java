package io.datawarehouse.kernel.coordination.raft;

import java.io.IOException;

/** What is wrong with a log however often it is read: no disk that works again mends it. */
final class LogDamage extends IOException {

  private static final long serialVersionUID = 1L;

  LogDamage(String message) {
    super(message);
  }

  LogDamage(String message, Throwable cause) {
    super(message, cause);
  }
}
