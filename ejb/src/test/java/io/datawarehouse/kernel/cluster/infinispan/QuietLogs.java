package io.datawarehouse.kernel.cluster.infinispan;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps libraries from telling at length what tests do on purpose; {@code -Ddw.test.logs=true} not.
 */
final class QuietLogs {

  /** Held, as the platform forgets the levels of loggers that nobody holds. */
  private static final List<Logger> LOGGERS =
      List.of(Logger.getLogger("org.infinispan"), Logger.getLogger("org.jgroups"));

  private QuietLogs() {}

  static void hush() {
    if (!Boolean.getBoolean("dw.test.logs")) {
      LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
    }
  }
}
