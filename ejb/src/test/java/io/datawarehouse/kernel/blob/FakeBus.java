package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
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

/** A bus that calls handlers at once and keeps events. */
public final class FakeBus implements MessageBus {

  final Map<Topic, MessageHandler> handlers = new ConcurrentHashMap<>();
  final Map<Topic, HandlerOptions> options = new ConcurrentHashMap<>();
  final List<Message> events = new CopyOnWriteArrayList<>();
  volatile boolean stopping;

  @Override
  public CompletionStage<Reply> request(Message message) {
    MessageHandler handler = handlers.get(message.topic());
    if (handler == null) {
      return CompletableFuture.failedFuture(
          new WarehouseException(StandardErrorCode.NO_HANDLER, "nobody"));
    }
    try {
      return handler.handle(message);
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void publish(Message event) {
    if (stopping) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the bus is stopping");
    }
    events.add(event);
  }

  @Override
  public Registration handle(Topic topic, HandlerOptions wanted, MessageHandler handler) {
    if (handlers.putIfAbsent(topic, handler) != null) {
      throw new WarehouseException(StandardErrorCode.DUPLICATE_HANDLER, topic + " is taken");
    }
    options.put(topic, wanted);
    return () -> handlers.remove(topic, handler);
  }

  @Override
  public Registration subscribe(
      TopicPattern pattern, SubscriberOptions wanted, EventSubscriber subscriber) {
    throw new AssertionError("the blob service subscribes to nothing");
  }
}
