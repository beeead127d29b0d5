package io.datawarehouse.kernel.peer;

import io.datawarehouse.kernel.peer.PeerFrame.ContentOffer;
import io.datawarehouse.kernel.peer.PeerFrame.ErrorText;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageId;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form of frames on the wire, protocol version 1. Encoding is thread-safe; decoding is confined
 * to the thread of one link.
 *
 * <p>A frame begins with an octet that names its type. Numbers that are not negative are written in
 * groups of seven bits, the lowest first, the eighth bit telling that more follow; texts are UTF-8
 * and bytes raw, each after its length. A time is never written as such, because clocks disagree: a
 * deadline travels as the nanoseconds that are left.
 *
 * <pre>
 * 1 hello         node incarnation cluster sdk-major sdk-minor oldest newest features proof link replaces
 * 2 welcome       1 node incarnation protocol features proof  |  0 cause detail
 * 3 request       call message content?
 * 4 answer        call flags payload handled-by? content?
 * 5 failure       call untouched code category retryable detail attributes
 * 6 event         message
 * 7 durable       number floor message
 * 8 acknowledge   count number...
 * 9 heartbeat     incarnation draining held load (six doubles)
 * 10 subscriptions record
 * 11 unwanted     content
 * 12 leaving
 *
 * message         flags(2) kind id(16) correlation(16)? causation(16)? left? topic key? trace(25)?
 *                 headers? payload
 * payload         0 bytes (JSON)  |  1 bytes (octets)  |  2 media-type bytes
 * content         number length+1-or-0 media-type bytes-where-the-number-is-0
 * </pre>
 *
 * <p>A later version may add types and flags: what a node does not know ends the link, so a node
 * writes only what the protocol version that was agreed on has.
 */
public final class FrameCodec {

  /** The oldest version of the protocol that this node speaks. */
  public static final int OLDEST_PROTOCOL = 1;

  /** The newest one. */
  public static final int NEWEST_PROTOCOL = 1;

  private static final int HELLO = 1;
  private static final int WELCOME = 2;
  private static final int REQUEST = 3;
  private static final int ANSWER = 4;
  private static final int FAILURE = 5;
  private static final int EVENT = 6;
  private static final int DURABLE_EVENT = 7;
  private static final int ACKNOWLEDGE = 8;
  private static final int HEARTBEAT = 9;
  private static final int SUBSCRIPTIONS = 10;
  private static final int UNWANTED = 11;
  private static final int LEAVING = 12;

  private static final int HAS_CORRELATION = 1;
  private static final int HAS_CAUSATION = 1 << 1;
  private static final int HAS_DEADLINE = 1 << 2;
  private static final int HAS_KEY = 1 << 3;
  private static final int HAS_TRACE = 1 << 4;
  private static final int HAS_HEADERS = 1 << 5;
  private static final int HAS_CONTENT = 1 << 6;

  private static final int ANSWER_NODE = 1;
  private static final int ANSWER_CONTENT = 1 << 1;

  private static final int PAYLOAD_JSON = 0;
  private static final int PAYLOAD_OCTETS = 1;
  private static final int PAYLOAD_OTHER = 2;

  private static final int CACHED_TOPICS = 256;

  /** From this size on a payload is not copied into its frame. */
  private static final int LARGE = 4 << 10;

  private static final int MOST_FEATURES = 64;

  private static final int COMMAND = 0;
  private static final int QUERY = 1;
  private static final int PUBLISHED = 2;

  private final PayloadCodec payloads;
  private final Clock clock;

  /** The topics that came last, by the hash of their bytes, so that most are not made anew. */
  private final @Nullable CachedTopic[] topics = new CachedTopic[CACHED_TOPICS];

  /** A topic and its bytes. Immutable. */
  private static final class CachedTopic {
    final byte[] bytes;
    final Topic topic;

    CachedTopic(byte[] bytes, Topic topic) {
      this.bytes = bytes;
      this.topic = topic;
    }
  }

  /** Makes a codec for one link. */
  public FrameCodec(PayloadCodec payloads, Clock clock) {
    this.payloads = payloads;
    this.clock = clock;
  }

  // ---- writing -------------------------------------------------------------------------------

  /** Returns a frame's form on the wire. */
  public byte[] encode(PeerFrame frame) {
    if (frame instanceof PeerFrame.Request request) {
      Message message = request.message();
      Instant deadline = message.deadline().orElse(null);
      return request(request.call(), message, deadline, clock.instant(), request.content())
          .toBytes();
    }
    if (frame instanceof PeerFrame.Answer answer) {
      return answer(answer).toBytes();
    }
    WireWriter out = new WireWriter(128);
    if (frame instanceof PeerFrame.Failure failure) {
      writeFailure(out, failure);
    } else if (frame instanceof PeerFrame.Event event) {
      out.octet(EVENT);
      write(out, event.event());
    } else if (frame instanceof PeerFrame.DurableEvent durable) {
      out.octet(DURABLE_EVENT);
      out.number(durable.number());
      out.number(durable.floor());
      write(out, durable.event());
    } else {
      writeRare(out, frame);
    }
    return out.toBytes();
  }

  /**
   * Returns the form of a request on the wire.
   *
   * @param deadline when an answer is of no more use, in place of the message's own
   * @param now the time by the clock that the deadline goes by
   */
  public EncodedFrame request(
      long call,
      Message message,
      @Nullable Instant deadline,
      Instant now,
      @Nullable ContentOffer content) {
    WireWriter out = new WireWriter(192);
    out.octet(REQUEST);
    out.number(call);
    writeEnvelope(out, message, deadline, now, content);
    if (content == null) {
      return ended(out, message.payload());
    }
    write(out, message.payload());
    write(out, content);
    return out.toFrame(Bytes.empty());
  }

  /** Returns the form of an answer on the wire. */
  public EncodedFrame answer(PeerFrame.Answer answer) {
    NodeId node = answer.handledBy();
    ContentOffer content = answer.content();
    WireWriter out = new WireWriter(128);
    out.octet(ANSWER);
    out.number(answer.call());
    out.octet((node == null ? 0 : ANSWER_NODE) | (content == null ? 0 : ANSWER_CONTENT));
    if (node == null && content == null) {
      return ended(out, answer.payload());
    }
    write(out, answer.payload());
    if (node != null) {
      out.text(node.value());
    }
    if (content != null) {
      write(out, content);
    }
    return out.toFrame(Bytes.empty());
  }

  /** Returns the frame with a payload as its last part. */
  private EncodedFrame ended(WireWriter out, Payload payload) {
    writeType(out, payload);
    Bytes bytes = payload.toBytes(payloads);
    if (bytes.size() < LARGE) {
      out.octets(bytes.asByteBuffer());
      return out.toFrame(Bytes.empty());
    }
    out.number(bytes.size());
    return out.toFrame(bytes);
  }

  private void writeRare(WireWriter out, PeerFrame frame) {
    if (frame instanceof PeerFrame.Hello hello) {
      writeHello(out, hello);
    } else if (frame instanceof PeerFrame.Welcome welcome) {
      writeWelcome(out, welcome);
    } else if (frame instanceof PeerFrame.Acknowledge acknowledge) {
      out.octet(ACKNOWLEDGE);
      out.number(acknowledge.numbers().size());
      acknowledge.numbers().forEach(out::number);
    } else if (frame instanceof PeerFrame.Heartbeat heartbeat) {
      writeHeartbeat(out, heartbeat);
    } else if (frame instanceof PeerFrame.Subscriptions subscriptions) {
      out.octet(SUBSCRIPTIONS);
      out.text(subscriptions.record());
    } else if (frame instanceof PeerFrame.Unwanted unwanted) {
      out.octet(UNWANTED);
      out.number(unwanted.content());
    } else {
      out.octet(LEAVING);
    }
  }

  private void write(WireWriter out, Message event) {
    writeEnvelope(out, event, event.deadline().orElse(null), clock.instant(), null);
    write(out, event.payload());
  }

  /** Writes all of a message that stands before its payload. */
  private void writeEnvelope(
      WireWriter out,
      Message message,
      @Nullable Instant deadline,
      Instant now,
      @Nullable ContentOffer content) {
    boolean correlated = !message.correlationId().equals(message.id());
    int flags =
        (correlated ? HAS_CORRELATION : 0)
            | (message.causationId().isPresent() ? HAS_CAUSATION : 0)
            | (deadline == null ? 0 : HAS_DEADLINE)
            | (message.affinityKey().isPresent() ? HAS_KEY : 0)
            | (message.trace().isPresent() ? HAS_TRACE : 0)
            | (message.headers().isEmpty() ? 0 : HAS_HEADERS)
            | (content == null ? 0 : HAS_CONTENT);
    out.number(flags);
    out.octet(
        switch (message.kind()) {
          case COMMAND -> COMMAND;
          case QUERY -> QUERY;
          case EVENT -> PUBLISHED;
        });
    write(out, message.id());
    if (correlated) {
      write(out, message.correlationId());
    }
    if (message.causationId().isPresent()) {
      write(out, message.causationId().get());
    }
    if (deadline != null) {
      out.number(nanosLeft(now, deadline));
    }
    out.text(message.topic().name());
    if (message.affinityKey().isPresent()) {
      out.text(message.affinityKey().get());
    }
    if (message.trace().isPresent()) {
      write(out, message.trace().get());
    }
    if (!message.headers().isEmpty()) {
      write(out, message.headers());
    }
  }

  private static long nanosLeft(Instant now, Instant deadline) {
    long seconds = deadline.getEpochSecond() - now.getEpochSecond();
    if (seconds > Integer.MAX_VALUE) {
      return Integer.MAX_VALUE * 1_000_000_000L;
    }
    return Math.max(0, seconds * 1_000_000_000L + deadline.getNano() - now.getNano());
  }

  private static void write(WireWriter out, MessageId id) {
    out.fixed(id.high());
    out.fixed(id.low());
  }

  private static void write(WireWriter out, TraceContext trace) {
    out.fixed(HexFormat.fromHexDigitsToLong(trace.traceId(), 0, 16));
    out.fixed(HexFormat.fromHexDigitsToLong(trace.traceId(), 16, 32));
    out.fixed(HexFormat.fromHexDigitsToLong(trace.spanId(), 0, 16));
    out.octet(trace.sampled() ? 1 : 0);
  }

  private static void write(WireWriter out, Map<String, String> texts) {
    out.number(texts.size());
    texts.forEach(
        (name, value) -> {
          out.text(name);
          out.text(value);
        });
  }

  private void write(WireWriter out, Payload payload) {
    writeType(out, payload);
    out.octets(payload.toBytes(payloads).asByteBuffer());
  }

  private static void writeType(WireWriter out, Payload payload) {
    String type = payload.contentType();
    if (type.equals(Payload.JSON)) {
      out.octet(PAYLOAD_JSON);
    } else if (type.equals(Payload.OCTETS)) {
      out.octet(PAYLOAD_OCTETS);
    } else {
      out.octet(PAYLOAD_OTHER);
      out.text(type);
    }
  }

  private static void write(WireWriter out, ContentOffer content) {
    out.number(content.number());
    out.number(content.length().isPresent() ? content.length().getAsLong() + 1 : 0);
    out.text(content.contentType());
    if (content.number() == 0) {
      Bytes inline = content.inline() == null ? Bytes.empty() : content.inline();
      out.octets(inline.asByteBuffer());
    }
  }

  private static void writeFailure(WireWriter out, PeerFrame.Failure failure) {
    ErrorText error = failure.error();
    out.octet(FAILURE);
    out.number(failure.call());
    out.octet(failure.untouched() ? 1 : 0);
    out.text(error.code());
    out.text(error.category());
    out.octet(error.retryable() ? 1 : 0);
    out.text(error.detail());
    write(out, error.attributes());
  }

  private static void writeHello(WireWriter out, PeerFrame.Hello frame) {
    FederationHello hello = frame.hello();
    out.octet(HELLO);
    out.text(hello.nodeId().value());
    out.number(hello.incarnation());
    out.text(hello.clusterName());
    out.number(hello.sdk().major());
    out.number(hello.sdk().minor());
    out.number(hello.oldestProtocol());
    out.number(hello.newestProtocol());
    writeFeatures(out, hello.features());
    out.text(frame.proof());
    out.text(frame.link());
    out.text(frame.replaces());
  }

  private static void writeWelcome(WireWriter out, PeerFrame.Welcome frame) {
    out.octet(WELCOME);
    if (frame.answer() instanceof FederationWelcome.Accepted accepted) {
      out.octet(1);
      out.text(accepted.nodeId().value());
      out.number(accepted.incarnation());
      out.number(accepted.protocol());
      writeFeatures(out, accepted.features());
      out.text(frame.proof());
    } else if (frame.answer() instanceof FederationWelcome.Refused refused) {
      out.octet(0);
      out.text(refused.cause().name());
      out.text(refused.detail());
    }
  }

  private static void writeFeatures(WireWriter out, Set<String> features) {
    out.number(features.size());
    features.forEach(out::text);
  }

  private static void writeHeartbeat(WireWriter out, PeerFrame.Heartbeat heartbeat) {
    NodeLoad load = heartbeat.load();
    out.octet(HEARTBEAT);
    out.number(heartbeat.incarnation());
    out.octet(heartbeat.draining() ? 1 : 0);
    out.fixed(heartbeat.held());
    out.real(load.cpuPercent());
    out.real(load.memoryPercent());
    out.real(load.diskPercent());
    out.number(load.activeRequests());
    out.real(load.latencyMillis());
    out.real(load.requestsPerSecond());
  }

  // ---- reading -------------------------------------------------------------------------------

  /**
   * Reads one frame that fills a part of an array.
   *
   * @throws MalformedFrame where it does not hold a frame of this form
   */
  public PeerFrame decode(byte[] bytes, int from, int length) {
    return decode(new WireReader(bytes, from, length));
  }

  /** Reads one frame that is all that the reader has left. */
  PeerFrame decode(WireReader in) {
    try {
      PeerFrame frame = read(in);
      if (in.hasMore()) {
        throw new MalformedFrame("a frame is longer than what it says");
      }
      return frame;
    } catch (WarehouseException | IndexOutOfBoundsException | DateTimeException e) {
      MalformedFrame malformed = new MalformedFrame("a value is not allowed: " + e.getMessage());
      malformed.initCause(e);
      throw malformed;
    }
  }

  private PeerFrame read(WireReader in) {
    int type = in.octet();
    return switch (type) {
      case HELLO -> readHello(in);
      case WELCOME -> readWelcome(in);
      case REQUEST -> readRequest(in);
      case ANSWER -> readAnswer(in);
      case FAILURE -> readFailure(in);
      case EVENT -> new PeerFrame.Event(readEvent(in));
      case DURABLE_EVENT -> new PeerFrame.DurableEvent(in.number(), in.number(), readEvent(in));
      case ACKNOWLEDGE -> readAcknowledge(in);
      case HEARTBEAT -> readHeartbeat(in);
      case SUBSCRIPTIONS -> new PeerFrame.Subscriptions(in.text());
      case UNWANTED -> new PeerFrame.Unwanted(in.number());
      case LEAVING -> new PeerFrame.Leaving();
      default -> throw new MalformedFrame("a frame of type " + type);
    };
  }

  private PeerFrame readRequest(WireReader in) {
    long call = in.number();
    int flags = (int) in.number();
    Message message = readMessage(in, flags);
    if (message.kind() == MessageKind.EVENT) {
      throw new MalformedFrame("a request is an event");
    }
    return new PeerFrame.Request(
        call, message, (flags & HAS_CONTENT) == 0 ? null : readContent(in));
  }

  private Message readEvent(WireReader in) {
    Message event = readMessage(in, (int) in.number());
    if (event.kind() != MessageKind.EVENT) {
      throw new MalformedFrame("an event is a " + event.kind());
    }
    return event;
  }

  private Message readMessage(WireReader in, int flags) {
    int kindCode = in.octet();
    MessageKind kind =
        switch (kindCode) {
          case COMMAND -> MessageKind.COMMAND;
          case QUERY -> MessageKind.QUERY;
          case PUBLISHED -> MessageKind.EVENT;
          default -> throw new MalformedFrame("a message of kind " + kindCode);
        };
    MessageId id = readId(in);
    MessageId correlation = (flags & HAS_CORRELATION) == 0 ? id : readId(in);
    MessageId causation = (flags & HAS_CAUSATION) == 0 ? null : readId(in);
    long left = (flags & HAS_DEADLINE) == 0 ? -1 : in.number();
    Topic topic = readTopic(in);
    String key = (flags & HAS_KEY) == 0 ? null : in.text();
    TraceContext trace = (flags & HAS_TRACE) == 0 ? null : readTrace(in);
    Map<String, String> headers = (flags & HAS_HEADERS) == 0 ? Map.of() : readTexts(in);
    Message.Builder message = Message.of(kind, topic, readPayload(in));
    if (causation != null) {
      message.causedBy(
          Message.command(topic, Payload.empty()).identity(causation, correlation).build());
    }
    message.identity(id, correlation).headers(headers);
    if (trace != null) {
      message.trace(trace);
    }
    if (key != null) {
      message.affinityKey(key);
    }
    if (left >= 0) {
      message.deadline(clock.instant().plusNanos(left));
    }
    return message.build();
  }

  private static MessageId readId(WireReader in) {
    return new MessageId(in.fixed(), in.fixed());
  }

  private static TraceContext readTrace(WireReader in) {
    HexFormat hex = HexFormat.of();
    String trace = hex.toHexDigits(in.fixed()) + hex.toHexDigits(in.fixed());
    return new TraceContext(trace, hex.toHexDigits(in.fixed()), in.octet() == 1);
  }

  private Topic readTopic(WireReader in) {
    int length = in.count();
    int begin = in.skip(length);
    byte[] array = in.array();
    int hash = length;
    for (int i = begin; i < begin + length; i++) {
      hash = 31 * hash + array[i];
    }
    int slot = (hash ^ hash >>> 16) & CACHED_TOPICS - 1;
    CachedTopic cached = topics[slot];
    if (cached != null
        && Arrays.equals(cached.bytes, 0, cached.bytes.length, array, begin, begin + length)) {
      return cached.topic;
    }
    byte[] bytes = Arrays.copyOfRange(array, begin, begin + length);
    Topic topic = Topic.of(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    topics[slot] = new CachedTopic(bytes, topic);
    return topic;
  }

  private static Map<String, String> readTexts(WireReader in) {
    int count = in.count();
    Map<String, String> texts = new HashMap<>();
    for (int i = 0; i < count; i++) {
      texts.put(in.text(), in.text());
    }
    return texts;
  }

  private Payload readPayload(WireReader in) {
    int form = in.octet();
    String type =
        switch (form) {
          case PAYLOAD_JSON -> Payload.JSON;
          case PAYLOAD_OCTETS -> Payload.OCTETS;
          case PAYLOAD_OTHER -> in.text();
          default -> throw new MalformedFrame("a payload of form " + form);
        };
    return Payload.encoded(type, in.octets(), payloads);
  }

  private static ContentOffer readContent(WireReader in) {
    long number = in.number();
    long length = in.number();
    return new ContentOffer(
        number,
        length == 0 ? OptionalLong.empty() : OptionalLong.of(length - 1),
        in.text(),
        number == 0 ? in.octets() : null);
  }

  private PeerFrame readAnswer(WireReader in) {
    long call = in.number();
    int flags = in.octet();
    Payload payload = readPayload(in);
    NodeId node = (flags & ANSWER_NODE) == 0 ? null : new NodeId(in.text());
    ContentOffer content = (flags & ANSWER_CONTENT) == 0 ? null : readContent(in);
    return new PeerFrame.Answer(call, payload, node, content);
  }

  private static PeerFrame readFailure(WireReader in) {
    long call = in.number();
    boolean untouched = in.octet() == 1;
    return new PeerFrame.Failure(
        call,
        untouched,
        new ErrorText(in.text(), in.text(), in.octet() == 1, in.text(), readTexts(in)));
  }

  private static PeerFrame readAcknowledge(WireReader in) {
    int count = in.count();
    List<Long> numbers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      numbers.add(in.number());
    }
    return new PeerFrame.Acknowledge(numbers);
  }

  private static PeerFrame readHeartbeat(WireReader in) {
    long incarnation = in.number();
    boolean draining = in.octet() == 1;
    long held = in.fixed();
    NodeLoad load =
        new NodeLoad(in.real(), in.real(), in.real(), in.number(), in.real(), in.real());
    return new PeerFrame.Heartbeat(incarnation, load, draining, held);
  }

  private static PeerFrame readHello(WireReader in) {
    FederationHello hello =
        new FederationHello(
            new NodeId(in.text()),
            in.number(),
            in.text(),
            new SdkVersion(Math.toIntExact(in.number()), Math.toIntExact(in.number())),
            Math.toIntExact(in.number()),
            Math.toIntExact(in.number()),
            readFeatures(in));
    return new PeerFrame.Hello(hello, in.text(), in.text(), in.text());
  }

  private static PeerFrame readWelcome(WireReader in) {
    if (in.octet() == 0) {
      return new PeerFrame.Welcome(
          new FederationWelcome.Refused(readCause(in.text()), in.text()), "");
    }
    FederationWelcome.Accepted accepted =
        new FederationWelcome.Accepted(
            new NodeId(in.text()), in.number(), Math.toIntExact(in.number()), readFeatures(in));
    return new PeerFrame.Welcome(accepted, in.text());
  }

  private static FederationWelcome.Cause readCause(String name) {
    for (FederationWelcome.Cause cause : FederationWelcome.Cause.values()) {
      if (cause.name().equals(name)) {
        return cause;
      }
    }
    throw new MalformedFrame("a refusal of another kind");
  }

  private static Set<String> readFeatures(WireReader in) {
    int count = in.count();
    if (count > MOST_FEATURES) {
      throw new MalformedFrame(count + " features");
    }
    Set<String> features = new HashSet<>();
    for (int i = 0; i < count; i++) {
      features.add(in.text());
    }
    return features;
  }
}
