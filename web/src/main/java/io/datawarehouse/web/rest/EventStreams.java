package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** All clients that follow events. Thread-safe. */
final class EventStreams implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(EventStreams.class.getName());

  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
  private final EventBacklog<EventStream> backlog;
  private final EventBacklog.Limits limits;
  private final MessageBus bus;
  private final EventStream.Common common;
  private final Metrics.Counter dropped;

  /**
   * Begins without clients.
   *
   * @param senders threads to send with, one for each client that may be there and some more: each
   *     may be held by its client
   */
  EventStreams(MessageBus bus, Executor senders, EventBacklog.Limits limits, Metrics metrics) {
    this.bus = bus;
    this.limits = limits;
    this.backlog = new EventBacklog<>(limits);
    this.common = new EventStream.Common(backlog, senders, Json.codec(), this::dropped);
    this.dropped =
        metrics.counter(
            "http.streams.dropped", "Event streams whose clients did not keep up", Map.of());
    metrics.gauge("http.streams", "Event streams that are open", Map.of(), backlog::size);
    metrics.gauge(
        "http.streams.bytes", "Memory of events that wait to be sent", Map.of(), backlog::memory);
  }

  /**
   * Lets a client follow the events whose topics match.
   *
   * @throws WarehouseException {@code BULKHEAD_FULL}
   */
  void follow(TopicPattern pattern, EventOutlet outlet) {
    EventStream stream = new EventStream(outlet, common);
    if (!backlog.begin(stream)) {
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, limits.followers() + " event streams are open already");
    }
    open.add(stream);
    try {
      stream.follow(bus, pattern);
    } catch (RuntimeException e) {
      open.remove(stream);
      backlog.end(stream);
      throw e;
    }
  }

  /** Tells every client that its stream lives, and finds out which clients do not. */
  void tellAlive() {
    open.removeIf(EventStream::isClosed);
    open.forEach(stream -> stream.offer(StreamEvent.SIGN_OF_LIFE));
  }

  private void dropped(EventStream stream) {
    open.remove(stream);
    dropped.increment();
    LOG.log(
        System.Logger.Level.WARNING, "a client that follows events did not keep up; it is dropped");
  }

  /** Ends all streams. */
  @Override
  public void close() {
    open.forEach(EventStream::close);
    open.clear();
  }
}
