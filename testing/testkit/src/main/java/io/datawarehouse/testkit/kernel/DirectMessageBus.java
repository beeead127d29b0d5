package io.datawarehouse.testkit.kernel;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A bus that calls handlers and subscribers at once, on the sender's thread: no queues, no order to
 * wait for, no deadlines, no conversion of payloads. It remembers every event. Thread-safe.
 */
public final class DirectMessageBus implements MessageBus {

  private record Subscription(TopicPattern pattern, EventSubscriber subscriber) {}

  private final Map<Topic, MessageHandler> handlers = new ConcurrentHashMap<>();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final List<Message> events = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  @Override
  public CompletionStage<Reply> request(Message message) {
    if (message.kind() == MessageKind.EVENT) {
      throw new IllegalArgumentException("an event is published, not requested");
    }
    MessageHandler handler = handlers.get(message.topic());
    if (handler == null) {
      message.content().ifPresent(Content::close);
      return CompletableFuture.failedFuture(
          new WarehouseException(
              StandardErrorCode.NO_HANDLER, "nobody handles " + message.topic()));
    }
    try {
      return handler.handle(message);
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    } catch (Exception e) {
      return CompletableFuture.failedFuture(
          new WarehouseException(
              StandardErrorCode.HANDLER_FAILED, message.topic() + " failed: " + e, e));
    }
  }

  @Override
  public void publish(Message event) {
    if (event.kind() != MessageKind.EVENT || event.content().isPresent()) {
      throw new IllegalArgumentException("only events without content are published");
    }
    events.add(event);
    for (Subscription subscription : subscriptions) {
      if (subscription.pattern().matches(event.topic())) {
        try {
          subscription.subscriber().onEvent(event);
        } catch (Exception e) {
          failures.add(e);
        }
      }
    }
  }

  @Override
  public Registration handle(Topic topic, HandlerOptions options, MessageHandler handler) {
    if (handlers.putIfAbsent(topic, handler) != null) {
      throw new WarehouseException(
          StandardErrorCode.DUPLICATE_HANDLER, topic + " has a handler already");
    }
    return () -> handlers.remove(topic, handler);
  }

  @Override
  public Registration subscribe(
      TopicPattern pattern, SubscriberOptions options, EventSubscriber subscriber) {
    Subscription subscription = new Subscription(pattern, subscriber);
    subscriptions.add(subscription);
    return () -> subscriptions.remove(subscription);
  }

  /** Returns all events that were published, in order. */
  public List<Message> events() {
    return List.copyOf(events);
  }

  /** Returns what subscribers threw, in order. */
  public List<Throwable> failures() {
    return List.copyOf(failures);
  }
}
