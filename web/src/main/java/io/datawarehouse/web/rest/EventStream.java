package io.datawarehouse.web.rest;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows events. They wait in the backlog of all streams; a client that cannot
 * keep up is dropped, so that it costs nobody else anything. One thread at a time sends, and may be
 * held by the client; none that brings events is. Thread-safe.
 */
final class EventStream {

  private static final System.Logger LOG = System.getLogger(EventStream.class.getName());
  private static final int MOST_UNSEEN = 1024;

  /**
   * What all streams have in common.
   *
   * @param backlog what waits
   * @param senders threads that clients may hold
   * @param codec makes payloads readable
   * @param dropped told of a client that could not keep up
   */
  record Common(
      EventBacklog<EventStream> backlog,
      Executor senders,
      PayloadCodec codec,
      Consumer<EventStream> dropped) {}

  private final EventOutlet outlet;
  private final Common common;
  private final AtomicBoolean sending = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Registration registration;

  EventStream(EventOutlet outlet, Common common) {
    this.outlet = outlet;
    this.common = common;
  }

  void follow(MessageBus bus, TopicPattern pattern) {
    registration =
        bus.subscribe(
            pattern,
            new SubscriberOptions(1, MOST_UNSEEN, SubscriberOptions.Overflow.DROP),
            this::show);
    if (closed.get()) {
      endSubscription();
    }
    offer(StreamEvent.SIGN_OF_LIFE);
  }

  /** A payload that has no form to be shown in is left out: who only watches makes no failures. */
  private void show(Message event) {
    StreamEvent shown;
    try {
      shown = shown(event);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, event + " cannot be shown to those who follow", e);
      return;
    }
    offer(shown);
  }

  /** Lets an event wait to be sent; returns at once. */
  void offer(StreamEvent event) {
    if (outlet.isClosed()) {
      close();
      return;
    }
    common.backlog().add(this, event).forEach(EventStream::drop);
    beginSending();
  }

  private void beginSending() {
    if (common.backlog().hasWaiting(this) && sending.compareAndSet(false, true)) {
      try {
        common.senders().execute(this::send);
      } catch (RejectedExecutionException | IllegalStateException e) {
        LOG.log(System.Logger.Level.DEBUG, "an event stream has nobody to send", e);
        close();
      }
    }
  }

  private void send() {
    try {
      for (StreamEvent event = common.backlog().next(this);
          event != null;
          event = common.backlog().next(this)) {
        outlet.send(event);
        common.backlog().sent(this);
      }
    } catch (RuntimeException e) {
      // The client is gone; that is how such streams end.
      LOG.log(System.Logger.Level.DEBUG, "an event stream ended", e);
      close();
    } finally {
      common.backlog().sent(this);
      sending.set(false);
    }
    beginSending();
  }

  /**
   * Ends the stream of a client that has not taken its events, whatever it still has to get. What
   * fails then is that client's, and concerns nobody who brings events.
   */
  private void drop() {
    if (closed.compareAndSet(false, true)) {
      try {
        common.dropped().accept(this);
        breakOff();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "an event stream did not end in order", e);
      }
    }
  }

  private void breakOff() {
    try {
      outlet.breakOff();
    } finally {
      end();
    }
  }

  /** Ends the stream. */
  void close() {
    if (closed.compareAndSet(false, true)) {
      end();
    }
  }

  boolean isClosed() {
    return closed.get();
  }

  private void end() {
    try {
      endSubscription();
    } finally {
      common.backlog().end(this);
      outlet.close();
    }
  }

  private void endSubscription() {
    Registration registered = registration;
    if (registered != null) {
      registered.close();
    }
  }

  private StreamEvent shown(Message event) {
    byte[] payload = event.payload().toBytes(common.codec()).toArray();
    boolean json = event.payload().contentType().startsWith(Payload.JSON);
    return new StreamEvent(
        event.id().toString(),
        event.topic().name(),
        json
            ? new String(payload, StandardCharsets.UTF_8)
            : Base64.getEncoder().encodeToString(payload));
  }
}
