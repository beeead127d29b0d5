package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import java.util.Optional;

/** Where the bus puts what it could not deliver. Thread-safe. */
@FunctionalInterface
public interface DeadLetterSink {

  /**
   * Keeps a message durably.
   *
   * @param subscriber the subscription that should have had it; empty for a command
   * @param why what went wrong
   */
  void keep(Message message, Optional<String> subscriber, WarehouseException why);
}
