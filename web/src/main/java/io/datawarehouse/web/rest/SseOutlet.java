package io.datawarehouse.web.rest;

import io.datawarehouse.web.http.Exchange;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.UncheckedIOException;

/** Sends events as server-sent events. */
final class SseOutlet implements EventOutlet {

  private static final System.Logger LOG = System.getLogger(SseOutlet.class.getName());

  private final SseEventSink sink;
  private final Sse sse;
  private final Exchange exchange;

  SseOutlet(SseEventSink sink, Sse sse, Exchange exchange) {
    this.sink = sink;
    this.sse = sse;
    this.exchange = exchange;
  }

  @Override
  public void send(StreamEvent event) {
    sink.send(shown(event)).toCompletableFuture().join();
  }

  private OutboundSseEvent shown(StreamEvent event) {
    if (event.isSignOfLife()) {
      return sse.newEventBuilder().comment("alive").build();
    }
    return sse.newEventBuilder()
        .id(event.id())
        .name(event.topic())
        .mediaType(MediaType.TEXT_PLAIN_TYPE)
        .data(String.class, event.data())
        .build();
  }

  @Override
  public boolean isClosed() {
    return sink.isClosed();
  }

  @Override
  public void close() {
    try {
      sink.close();
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "an event stream was closed before its end", e);
    }
  }

  @Override
  public void breakOff() {
    exchange.breakOff();
  }
}
