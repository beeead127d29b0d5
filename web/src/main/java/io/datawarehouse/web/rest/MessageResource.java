package io.datawarehouse.web.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.web.http.RequestTrace;
import io.datawarehouse.web.security.Allows;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Messages of people and programs outside, onto the bus. */
@Path("/messages")
public class MessageResource {

  private static final long LONGEST_TIMEOUT_MILLIS = 300_000;

  /** What is asked for. */
  record Envelope(
      Optional<String> kind,
      Optional<JsonNode> payload,
      Optional<String> affinityKey,
      OptionalLong timeoutMillis) {}

  /** The answer to a command or a query; the payload is JSON already. */
  record Answer(
      String messageId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String handledBy,
      @JsonRawValue String payload) {}

  /** A payload that is not JSON. */
  record Octets(String contentType, Bytes base64) {}

  record Accepted(String messageId) {}

  record TopicsView(List<TopicStatus> topics) {}

  @Inject Kernel kernel;
  @Inject Gateway gateway;
  @Context HttpServletRequest request;

  /** Sends a command, a query or an event. */
  @POST
  @Path("/{topic}")
  @Allows(Role.OPERATOR)
  public Response send(@PathParam("topic") String topicName) {
    Topic topic = Topic.of(topicName);
    Envelope envelope = Json.read(Gateway.readJson(request), Envelope.class);
    MessageKind kind = kindOf(envelope);
    Message.Builder message = Message.of(kind, topic, payloadOf(envelope));
    envelope.affinityKey().ifPresent(message::affinityKey);
    if (envelope.timeoutMillis().isPresent()) {
      message.timeout(timeoutOf(envelope.timeoutMillis().getAsLong()));
    }
    if (kind == MessageKind.EVENT) {
      Message event = message.trace(RequestTrace.of(request)).build();
      kernel.bus().publish(event);
      return Gateway.json(202, new Accepted(event.id().toString())).build();
    }
    Message sent = message.trace(RequestTrace.of(request)).build();
    Reply reply = Gateway.await(kernel.bus().request(sent));
    reply.content().ifPresent(Content::close);
    return Gateway.json(
            200,
            new Answer(
                sent.id().toString(),
                reply.handledBy().map(NodeId::value).orElse(null),
                jsonOf(reply.payload())))
        .build();
  }

  /** Lists topics, who handles and hears them, and how much passes. */
  @GET
  @Path("/topics")
  @Allows(Role.READER)
  public Response topics() {
    return Gateway.json(200, new TopicsView(kernel.topics())).build();
  }

  private static MessageKind kindOf(Envelope envelope) {
    String kind =
        envelope
            .kind()
            .orElseThrow(
                () -> WarehouseException.invalid("kind", null, "use command, query or event"));
    for (MessageKind known : MessageKind.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(kind)) {
        return known;
      }
    }
    throw WarehouseException.invalid("kind", kind, "use command, query or event");
  }

  private static Payload payloadOf(Envelope envelope) {
    return envelope
        .payload()
        .map(json -> Payload.encoded(Payload.JSON, Bytes.copyOf(Json.write(json)), Json.codec()))
        .orElse(Payload.empty());
  }

  private static Duration timeoutOf(long millis) {
    if (millis < 1 || millis > LONGEST_TIMEOUT_MILLIS) {
      throw WarehouseException.invalid(
          "timeoutMillis", millis, "use 1 to " + LONGEST_TIMEOUT_MILLIS);
    }
    return Duration.ofMillis(millis);
  }

  private static String jsonOf(Payload payload) {
    Bytes bytes = payload.toBytes(Json.codec());
    if (payload.contentType().startsWith(Payload.JSON)) {
      return bytes.asUtf8();
    }
    if (bytes.size() > Gateway.LARGEST_JSON) {
      throw new WarehouseException(
          StandardErrorCode.TOO_LARGE, "the answer has " + bytes.size() + " bytes");
    }
    return new String(
        Json.write(new Octets(payload.contentType(), bytes)),
        java.nio.charset.StandardCharsets.UTF_8);
  }
}
