package io.datawarehouse.web.rest;

import io.datawarehouse.web.http.ConnectionSwitch;
import io.datawarehouse.web.http.Exchange;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Sends events as server-sent events. The connection's switch is taken while the request is there:
 * who breaks the stream off does so from another thread, and much later.
 */
final class SseOutlet implements EventOutlet {

  private static final System.Logger LOG = System.getLogger(SseOutlet.class.getName());

  private final SseEventSink sink;
  private final Sse sse;
  private final @Nullable ConnectionSwitch connection;

  SseOutlet(SseEventSink sink, Sse sse, Exchange exchange) {
    this.sink = sink;
    this.sse = sse;
    this.connection = exchange.request().connection();
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
    if (connection != null) {
      connection.closeNow();
    }
  }
}
