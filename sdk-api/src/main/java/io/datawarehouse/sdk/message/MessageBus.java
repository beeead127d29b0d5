package io.datawarehouse.sdk.message;

import java.util.concurrent.CompletionStage;

/**
 * The only way from one plugin to another. Thread-safe. A plugin's code is the same on one node and
 * on a hundred: the bus finds the place.
 *
 * <p>Guarantees: (1) a command or query reaches at most one handler, once, and its stage always
 * completes, with a reply or a {@code WarehouseException}, at the latest soon after its deadline;
 * (2) an event reaches every subscriber that was there when it was published, at most once, or
 * becomes a dead letter; (3) order is kept per affinity key; (4) all queues are bounded, and what
 * does not fit is refused, never delayed without limit.
 *
 * <p>Over several nodes: an event that cannot be sent to another node at that moment is lost there,
 * unless it is {@linkplain Message.Builder#durable() durable}; order per key holds as long as the
 * node that handles the key stays the same and is in reach; a command whose node breaks off fails
 * with {@code UNAVAILABLE} and may have been handled, unless it is {@linkplain
 * Message.Builder#idempotent() idempotent} and another node could answer.
 */
public interface MessageBus {

  /**
   * Sends a command or a query.
   *
   * <p>A message without a deadline and a timeout gets the installation's default ({@code
   * dw.bus.timeout}), unless content travels beside it: that takes as long as its content does.
   *
   * <p>The stage fails with {@code NO_HANDLER}, {@code TIMEOUT}, {@code BULKHEAD_FULL}, {@code
   * UNAVAILABLE} (the bus is stopping), {@code HANDLER_FAILED}, or with the handler's own {@code
   * WarehouseException}. Callbacks run on the thread that completes it and must not block.
   *
   * @throws IllegalArgumentException if the message is an event
   */
  CompletionStage<Reply> request(Message message);

  /**
   * Publishes an event. Returns when every subscriber's queue, or the dead letters, have it.
   *
   * @throws IllegalArgumentException if the message is not an event, or has content beside it
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code UNAVAILABLE} when the bus is
   *     stopping
   */
  void publish(Message event);

  /**
   * Puts the one handler of a topic on the bus, for its commands and its queries.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code DUPLICATE_HANDLER}, naming both
   */
  Registration handle(Topic topic, HandlerOptions options, MessageHandler handler);

  /** Puts a subscriber of all events whose topics match on the bus. */
  Registration subscribe(
      TopicPattern pattern, SubscriberOptions options, EventSubscriber subscriber);
}
