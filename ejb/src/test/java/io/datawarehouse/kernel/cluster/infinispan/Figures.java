package io.datawarehouse.kernel.cluster.infinispan;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a test measured and does not hold anybody to; to be read in the log. */
final class Figures {

  private static final System.Logger LOG = System.getLogger(Figures.class.getName());

  private Figures() {}

  static void tell(String what, long startNanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    LOG.log(System.Logger.Level.INFO, "{0} {1}", what, Duration.ofMillis(millis));
  }
}
