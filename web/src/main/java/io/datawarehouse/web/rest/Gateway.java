package io.datawarehouse.web.rest;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.web.http.Exchange;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The way from HTTP to the bus and back. Thread-safe. */
final class Gateway {

  private final MessageBus bus;

  Gateway(MessageBus bus) {
    this.bus = bus;
  }

  MessageBus bus() {
    return bus;
  }

  /** Sends a query and waits for the answer. */
  Reply ask(Exchange exchange, Topic topic, Object query, String affinityKey) {
    return send(exchange, Message.query(topic, Payload.of(query)).affinityKey(affinityKey));
  }

  /** Sends a command and waits for the answer. */
  Reply command(Exchange exchange, Topic topic, Object command, String affinityKey) {
    return send(exchange, Message.command(topic, Payload.of(command)).affinityKey(affinityKey));
  }

  /** Sends a message in the request's trace and waits for the answer. */
  Reply send(Exchange exchange, Message.Builder message) {
    return await(bus.request(message.trace(exchange.trace()).build()));
  }

  /** Waits for what the bus promises to complete, and throws its error as it is. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }
}
