package io.datawarehouse.web.rest;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.TopicPattern;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows events. Events wait in a bounded queue; a client that cannot keep up is
 * dropped, so that it costs nobody else anything. One task at a time writes. Thread-safe.
 */
final class EventStream {

  private static final System.Logger LOG = System.getLogger(EventStream.class.getName());
  private static final int QUEUE = 1024;
  private static final long HEARTBEAT_SECONDS = 15;

  private final SseEventSink sink;
  private final Sse sse;
  private final ScheduledExecutorService executor;
  private final PayloadCodec codec;
  private final Consumer<EventStream> onClose;
  private final BlockingQueue<OutboundSseEvent> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicBoolean writing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Registration registration;
  private volatile @Nullable Future<?> heartbeat;

  EventStream(
      SseEventSink sink,
      Sse sse,
      ScheduledExecutorService executor,
      PayloadCodec codec,
      Consumer<EventStream> onClose) {
    this.sink = sink;
    this.sse = sse;
    this.executor = executor;
    this.codec = codec;
    this.onClose = onClose;
  }

  void follow(MessageBus bus, TopicPattern pattern) {
    registration =
        bus.subscribe(
            pattern,
            new SubscriberOptions(1, QUEUE, SubscriberOptions.Overflow.DROP),
            this::offerEvent);
    heartbeat =
        executor.scheduleAtFixedRate(
            () -> offer(sse.newEventBuilder().comment("alive").build()),
            0,
            HEARTBEAT_SECONDS,
            TimeUnit.SECONDS);
    if (closed.get()) {
      release();
    }
  }

  void close() {
    if (closed.compareAndSet(false, true)) {
      release();
      sink.close();
      onClose.accept(this);
    }
  }

  private void release() {
    Registration registered = registration;
    if (registered != null) {
      registered.close();
    }
    Future<?> beat = heartbeat;
    if (beat != null) {
      beat.cancel(false);
    }
  }

  /** A payload that has no form to be shown in is left out: who only watches makes no failures. */
  private void offerEvent(Message event) {
    OutboundSseEvent shown;
    try {
      shown = eventOf(event);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, event + " cannot be shown to those who follow", e);
      return;
    }
    offer(shown);
  }

  private void offer(OutboundSseEvent event) {
    if (closed.get()) {
      return;
    }
    if (sink.isClosed() || !queue.offer(event)) {
      close();
      return;
    }
    if (writing.compareAndSet(false, true)) {
      executor.execute(this::write);
    }
  }

  private void write() {
    try {
      for (OutboundSseEvent event = queue.poll(); event != null; event = queue.poll()) {
        sink.send(event).toCompletableFuture().join();
      }
    } catch (RuntimeException e) {
      // The client is gone; that is how such streams end.
      LOG.log(System.Logger.Level.DEBUG, "an event stream ended", e);
      close();
    } finally {
      writing.set(false);
    }
    if (!queue.isEmpty() && !closed.get() && writing.compareAndSet(false, true)) {
      executor.execute(this::write);
    }
  }

  private OutboundSseEvent eventOf(Message event) {
    byte[] payload = event.payload().toBytes(codec).toArray();
    boolean json = event.payload().contentType().startsWith(Payload.JSON);
    return sse.newEventBuilder()
        .id(event.id().toString())
        .name(event.topic().name())
        .mediaType(MediaType.TEXT_PLAIN_TYPE)
        .data(
            String.class,
            json
                ? new String(payload, java.nio.charset.StandardCharsets.UTF_8)
                : Base64.getEncoder().encodeToString(payload))
        .build();
  }
}
