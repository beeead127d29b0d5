package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.web.http.Exchange;
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

/** Events of the bus, live, as server-sent events. */
@Path("/messages/stream")
public final class EventStreamResource {

  private final EventStreams streams;

  EventStreamResource(EventStreams streams) {
    this.streams = streams;
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
    streams.follow(pattern, new SseOutlet(sink, sse, Exchange.of(request)));
  }
}
