package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The words of the bus's own errors. */
final class BusErrors {

  private static final System.Logger LOG = System.getLogger(BusErrors.class.getName());

  private BusErrors() {}

  static WarehouseException noHandler(Topic topic) {
    return new WarehouseException(
        StandardErrorCode.NO_HANDLER, "nobody handles topic '" + topic + "'");
  }

  static WarehouseException noSubscriber(String name) {
    return new WarehouseException(
        StandardErrorCode.NO_HANDLER, "subscriber '" + name + "' is not there");
  }

  static WarehouseException stopping() {
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "the node is stopping and takes no new messages");
  }

  static WarehouseException full(Topic topic, String owner, int capacity) {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        "the handler of '"
            + topic
            + "' ("
            + owner
            + ") is busy and "
            + capacity
            + " messages wait");
  }

  static WarehouseException timeout(Message message, Instant now) {
    String late =
        message
            .deadline()
            .map(deadline -> " (deadline passed " + millis(deadline, now) + " ms ago)")
            .orElse("");
    return new WarehouseException(
        StandardErrorCode.TIMEOUT, "no answer on '" + message.topic() + "' in time" + late);
  }

  private static long millis(Instant deadline, Instant now) {
    return Math.max(0, Duration.between(deadline, now).toMillis());
  }

  /**
   * Turns what a handler threw into what the caller gets. The handler's own words may hold
   * anything, so they go to the log, not to the caller.
   */
  static WarehouseException ofHandler(Throwable thrown, Message message, String owner) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof WarehouseException known) {
      return known;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        () -> owner + " failed on " + message + "; the sender gets HANDLER_FAILED",
        cause);
    return new WarehouseException(
        StandardErrorCode.HANDLER_FAILED,
        owner + " failed on '" + message.topic() + "': " + cause.getClass().getSimpleName(),
        cause);
  }
}
