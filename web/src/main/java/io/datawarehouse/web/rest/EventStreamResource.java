package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/** Events of the bus, live, as server-sent events. */
@Path("/messages/stream")
public final class EventStreamResource implements AutoCloseable {

  private static final int MOST_STREAMS = 64;

  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  private final MessageBus bus;
  private final ScheduledExecutorService executor;

  EventStreamResource(MessageBus bus, ScheduledExecutorService executor) {
    this.bus = bus;
    this.executor = executor;
  }

  /** Follows the events whose topics match the pattern; all of them by default. */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Allows(Role.OPERATOR)
  public void stream(
      @Context HttpServletRequest request, @Context SseEventSink sink, @Context Sse sse) {
    TopicPattern pattern =
        TopicPattern.of(
            QueryParameters.parse(request.getQueryString(), "pattern")
                .find("pattern")
                .orElse("**"));
    if (streams.size() >= MOST_STREAMS) {
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, MOST_STREAMS + " event streams are open already");
    }
    EventStream stream = new EventStream(sink, sse, executor, Json.codec(), streams::remove);
    streams.add(stream);
    stream.follow(bus, pattern);
  }

  /** Ends all streams. */
  @Override
  public void close() {
    streams.forEach(EventStream::close);
  }
}
