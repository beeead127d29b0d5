package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.web.security.Allows;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Events of the bus, live, as server-sent events. */
@Path("/messages/stream")
@ApplicationScoped
public class EventStreamResource {

  private static final int MOST_STREAMS = 64;

  private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

  @Inject Kernel kernel;

  @Resource ManagedScheduledExecutorService executor;

  /** Follows the events whose topics match the pattern; all of them by default. */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Allows(Role.OPERATOR)
  public void stream(@Context UriInfo uri, @Context SseEventSink sink, @Context Sse sse) {
    TopicPattern pattern =
        TopicPattern.of(Parameters.of(uri, Set.of("pattern")).text("pattern").orElse("**"));
    if (streams.size() >= MOST_STREAMS) {
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, MOST_STREAMS + " event streams are open already");
    }
    EventStream stream = new EventStream(sink, sse, executor, Json.codec(), streams::remove);
    streams.add(stream);
    stream.follow(kernel.bus(), pattern);
  }

  @PreDestroy
  void close() {
    streams.forEach(EventStream::close);
  }
}
