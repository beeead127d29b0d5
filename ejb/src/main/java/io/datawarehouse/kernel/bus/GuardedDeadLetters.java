package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.Optional;

/**
 * A sink whose failures are its own: a letter that cannot be kept (a full disk, say) is counted and
 * logged with all that identifies it, and the delivery that it comes from goes on to its end.
 * Thread-safe.
 */
final class GuardedDeadLetters implements DeadLetterSink {

  private static final System.Logger LOG = System.getLogger(GuardedDeadLetters.class.getName());

  private final DeadLetterSink sink;
  private final Metrics.Counter lost;

  GuardedDeadLetters(DeadLetterSink sink, Metrics metrics) {
    this.sink = sink;
    this.lost =
        metrics.counter(
            "deadletters.lost", "Undeliverable messages that could not be kept", Map.of());
  }

  @Override
  public void keep(Message message, Optional<String> subscriber, WarehouseException why) {
    try {
      sink.keep(message, subscriber, why);
    } catch (RuntimeException e) {
      lost.increment();
      LOG.log(
          System.Logger.Level.ERROR,
          () ->
              message
                  + subscriber.map(name -> " for " + name).orElse("")
                  + " was not delivered ("
                  + why.code().name()
                  + ") and could not be kept as a dead letter: it is lost",
          e);
    }
  }
}
