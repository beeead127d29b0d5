package io.datawarehouse.web.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.json.JsonText;
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
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.MessageHeaders;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.json.JsonBody;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Messages of people and programs outside, onto the bus. */
@Path("/messages")
public final class MessageResource {

  private static final long LONGEST_TIMEOUT_MILLIS = 300_000;

  private static final String COMMAND = "message.command";

  /** What changes buckets this way must be accounted for like what does so by their own paths. */
  private static final String BUCKETS = "storage.bucket.";

  /** What is asked for. */
  record Envelope(
      Optional<String> kind,
      Optional<JsonText> payload,
      Optional<String> affinityKey,
      OptionalLong timeoutMillis,
      Optional<JsonText> headers) {}

  /** The answer to a command or a query; the payload is JSON already. */
  record Answer(
      String messageId,
      @JsonInclude(JsonInclude.Include.NON_NULL) String handledBy,
      @JsonRawValue String payload) {}

  /** A payload that is not JSON. */
  record Octets(String contentType, Bytes base64) {}

  record Accepted(String messageId) {}

  record TopicsView(List<TopicStatus> topics) {}

  private final Gateway gateway;
  private final Supplier<List<TopicStatus>> topics;

  MessageResource(Gateway gateway, Supplier<List<TopicStatus>> topics) {
    this.gateway = gateway;
    this.topics = topics;
  }

  /** Sends a command, a query or an event. */
  @POST
  @Path("/{topic}")
  @Allows(Role.OPERATOR)
  @Audited(COMMAND)
  public Response send(@PathParam("topic") String topicName, @Context HttpServletRequest request)
      throws IOException {
    QueryParameters.parse(request.getQueryString());
    Exchange exchange = Exchange.of(request);
    exchange.accountFor(null);
    Topic topic = Topic.of(topicName);
    requireNotOfKernels(topic);
    Envelope envelope = JsonBody.requireText(exchange, Envelope.class);
    MessageKind kind = kindOf(envelope);
    if (kind == MessageKind.COMMAND && topic.name().startsWith(BUCKETS)) {
      exchange.accountFor(COMMAND);
    }
    Message.Builder message = Message.of(kind, topic, payloadOf(envelope));
    envelope
        .headers()
        .filter(headers -> !headers.isNull())
        .map(MessageHeaders::of)
        .ifPresent(message::headers);
    envelope.affinityKey().ifPresent(message::affinityKey);
    if (envelope.timeoutMillis().isPresent()) {
      message.timeout(timeoutOf(envelope.timeoutMillis().getAsLong()));
    }
    if (kind == MessageKind.EVENT) {
      Message event = message.trace(exchange.trace()).build();
      gateway.bus().publish(event);
      return JsonAnswer.of(202, new Accepted(event.id().toString())).build();
    }
    Message sent = message.trace(exchange.trace()).build();
    Reply reply = Gateway.await(gateway.bus().request(sent));
    reply.content().ifPresent(Content::close);
    return JsonAnswer.of(
            200,
            new Answer(
                sent.id().toString(),
                reply.handledBy().map(NodeId::value).orElse(null),
                jsonOf(reply.payload())))
        .build();
  }

  /** What kernels tell each other is said by kernels alone: it may take more than this role. */
  private static void requireNotOfKernels(Topic topic) {
    if (topic.name().startsWith("kernel.")) {
      throw new WarehouseException(
          StandardErrorCode.FORBIDDEN,
          "topic '" + topic.name() + "' is for kernels among themselves");
    }
  }

  /** Lists topics, who handles and hears them, and how much passes. */
  @GET
  @Path("/topics")
  @Allows(Role.READER)
  public Response topics(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, new TopicsView(topics.get())).build();
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
        .map(json -> Payload.encoded(Payload.JSON, json.utf8(), Json.codec()))
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
    if (bytes.size() > JsonBody.MOST_BYTES) {
      throw new WarehouseException(
          StandardErrorCode.TOO_LARGE, "the answer has " + bytes.size() + " bytes");
    }
    return new String(Json.write(new Octets(payload.contentType(), bytes)), StandardCharsets.UTF_8);
  }
}
