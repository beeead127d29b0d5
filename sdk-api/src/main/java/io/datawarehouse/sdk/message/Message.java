package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An envelope: a payload and all that the bus must know to bring it to the right place in time.
 * Immutable and thread-safe, but for its {@link Content}, which has one reader.
 *
 * <p>A message that is sent because of another is built with {@link Builder#causedBy(Message)}: it
 * keeps the correlation id and the trace, and never outlives the deadline of its cause.
 */
public final class Message {

  /**
   * The header of an event that is to be delivered at least once, {@code true} where it is; see
   * {@link Builder#durable()}.
   */
  public static final String DURABLE_HEADER = "dw-durable";

  /**
   * The header of a command that may be handled twice without harm, {@code true} where it may; see
   * {@link Builder#idempotent()}.
   */
  public static final String IDEMPOTENT_HEADER = "dw-idempotent";

  private static final String YES = "true";
  private static final int MOST_HEADERS = 64;
  private static final int LONGEST_HEADER_NAME = 128;
  private static final int LONGEST_HEADER_VALUE = 4096;
  private static final int LONGEST_AFFINITY_KEY = 1200;

  private final MessageId id;
  private final Topic topic;
  private final MessageKind kind;
  private final Map<String, String> headers;
  private final @Nullable String affinityKey;
  private final MessageId correlationId;
  private final @Nullable MessageId causationId;
  private final @Nullable Instant deadline;
  private final @Nullable Duration timeout;
  private final @Nullable TraceContext trace;
  private final Payload payload;
  private final @Nullable Content content;

  private Message(Builder builder) {
    id = builder.identity();
    topic = builder.topic;
    kind = builder.kind;
    headers = builder.headers;
    affinityKey = builder.affinityKey;
    correlationId = builder.correlationId == null ? id : builder.correlationId;
    causationId = builder.causationId;
    deadline = builder.deadline;
    timeout = builder.timeout;
    trace = builder.trace;
    payload = builder.payload;
    content = builder.content;
  }

  /** Begins a command: it changes something, and one handler answers. */
  public static Builder command(Topic topic, Payload payload) {
    return new Builder(MessageKind.COMMAND, topic, payload);
  }

  /** Begins a query: it asks something, and one handler answers. */
  public static Builder query(Topic topic, Payload payload) {
    return new Builder(MessageKind.QUERY, topic, payload);
  }

  /** Begins an event: it says what happened, and every subscriber hears it. */
  public static Builder event(Topic topic, Payload payload) {
    return new Builder(MessageKind.EVENT, topic, payload);
  }

  /** Begins a message whose kind is known only at run time. */
  public static Builder of(MessageKind kind, Topic topic, Payload payload) {
    return new Builder(kind, topic, payload);
  }

  /** Begins a copy: the same id and all else, to be changed before it is built. */
  public Builder copy() {
    return new Builder(this);
  }

  /** Returns the identity of this message. */
  public MessageId id() {
    return id;
  }

  /** Returns where it goes. */
  public Topic topic() {
    return topic;
  }

  /** Returns what it wants. */
  public MessageKind kind() {
    return kind;
  }

  /** Returns the headers, unmodifiable, names in lower case. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Returns the key that decides order and place, if there is one. */
  public Optional<String> affinityKey() {
    return Optional.ofNullable(affinityKey);
  }

  /** Returns the id that all messages of one conversation share: that of its first message. */
  public MessageId correlationId() {
    return correlationId;
  }

  /** Returns the id of the message that this one was sent because of. */
  public Optional<MessageId> causationId() {
    return Optional.ofNullable(causationId);
  }

  /** Returns when an answer is of no more use. The bus sets one where the sender did not. */
  public Optional<Instant> deadline() {
    return Optional.ofNullable(deadline);
  }

  /**
   * Returns how long the sender wants to wait, where it said so; the bus turns it into a deadline.
   */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** Returns the trace that the message belongs to. */
  public Optional<TraceContext> trace() {
    return Optional.ofNullable(trace);
  }

  /** Returns what it says. */
  public Payload payload() {
    return payload;
  }

  /** Returns the content that travels beside it. Who handles the message must close it. */
  public Optional<Content> content() {
    return Optional.ofNullable(content);
  }

  /** Returns whether it is an event that is to be delivered at least once. */
  public boolean durable() {
    return kind == MessageKind.EVENT && YES.equals(headers.get(DURABLE_HEADER));
  }

  /**
   * Returns whether it may be handled twice without harm, so that the bus may send it again when a
   * node breaks off: every query without content beside it, and what its sender marked so.
   */
  public boolean idempotent() {
    return content == null
        && (kind == MessageKind.QUERY || YES.equals(headers.get(IDEMPOTENT_HEADER)));
  }

  @Override
  public String toString() {
    return kind + " " + topic + " " + id;
  }

  /** Builds messages. Not thread-safe. */
  public static final class Builder {

    /** Drawn when it is needed: a message that came with one needs no other. */
    private @Nullable MessageId id;

    private final MessageKind kind;
    private final Topic topic;
    private Payload payload;
    private Map<String, String> headers = Map.of();
    private @Nullable String affinityKey;
    private @Nullable MessageId correlationId;
    private @Nullable MessageId causationId;
    private @Nullable Instant deadline;
    private @Nullable Duration timeout;
    private @Nullable TraceContext trace;
    private @Nullable Content content;

    private Builder(MessageKind kind, Topic topic, Payload payload) {
      this.kind = Objects.requireNonNull(kind, "kind");
      this.topic = Objects.requireNonNull(topic, "topic");
      this.payload = Objects.requireNonNull(payload, "payload");
    }

    private Builder(Message source) {
      id = source.id;
      kind = source.kind;
      topic = source.topic;
      payload = source.payload;
      headers = source.headers;
      affinityKey = source.affinityKey;
      correlationId = source.correlationId;
      causationId = source.causationId;
      deadline = source.deadline;
      timeout = source.timeout;
      trace = source.trace;
      content = source.content;
    }

    /** Sets the payload. */
    public Builder payload(Payload newPayload) {
      payload = Objects.requireNonNull(newPayload, "payload");
      return this;
    }

    /**
     * Sets the headers: at most 64, names of 1 to 128 characters that are put into lower case,
     * values of at most 4096 characters, no control characters in either.
     */
    public Builder headers(Map<String, String> newHeaders) {
      if (newHeaders.isEmpty()) {
        headers = Map.of();
        return this;
      }
      if (newHeaders.size() > MOST_HEADERS) {
        throw WarehouseException.invalid("headers", newHeaders.size(), "at most 64");
      }
      Map<String, String> checked = new HashMap<>();
      newHeaders.forEach(
          (name, value) -> {
            requireHeader(name, value);
            if (checked.put(name.toLowerCase(Locale.ROOT), value) != null) {
              throw WarehouseException.invalid(
                  "headers", name, "is there twice, names do not differ by case");
            }
          });
      headers = Map.copyOf(checked);
      return this;
    }

    private static void requireHeader(String name, String value) {
      if (name.isEmpty() || name.length() > LONGEST_HEADER_NAME || hasControls(name)) {
        throw WarehouseException.invalid(
            "headers", name, "a name has 1 to 128 characters and no control characters");
      }
      if (value.length() > LONGEST_HEADER_VALUE || hasControls(value)) {
        throw WarehouseException.invalid(
            "headers", name, "a value has at most 4096 characters and no control characters");
      }
    }

    private static boolean hasControls(String text) {
      return text.chars().anyMatch(Character::isISOControl);
    }

    /**
     * Asks for delivery at least once: the event is on disk before publishing returns, and is sent
     * to every node that has subscribers until these have taken it, or it is a dead letter. A
     * subscriber may hear it twice after a crash; a duplicate that the bus knows of is left out.
     * Only for events; sets a header, so it is called after {@link #headers(Map)}.
     *
     * @since 0.1
     */
    public Builder durable() {
      return marked(DURABLE_HEADER);
    }

    /**
     * Says that a command may be handled twice without harm, so that the bus may send it again when
     * the node that had it breaks off before it answered. Sets a header, so it is called after
     * {@link #headers(Map)}.
     *
     * @since 0.1
     */
    public Builder idempotent() {
      return marked(IDEMPOTENT_HEADER);
    }

    private Builder marked(String header) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(header, YES);
      return headers(more);
    }

    /**
     * Sets the key that decides order and place: 1 to 1200 characters. Messages of one sender with
     * one key reach an ordered handler in the order in which they were sent.
     */
    public Builder affinityKey(String key) {
      if (key.isEmpty() || key.length() > LONGEST_AFFINITY_KEY) {
        throw WarehouseException.invalid("affinityKey", key, "use 1 to 1200 characters");
      }
      affinityKey = key;
      return this;
    }

    /** Sets when an answer is of no more use; an earlier deadline that is already set stays. */
    public Builder deadline(Instant at) {
      deadline = deadline == null || at.isBefore(deadline) ? at : deadline;
      return this;
    }

    /** Sets how long to wait, counted from the moment of sending; more than zero. */
    public Builder timeout(Duration duration) {
      if (duration.isZero() || duration.isNegative()) {
        throw WarehouseException.invalid("timeout", duration, "must be more than zero");
      }
      timeout = duration;
      return this;
    }

    /** Makes this a message again that was kept: with its id and its conversation. */
    public Builder identity(MessageId newId, MessageId newCorrelationId) {
      id = Objects.requireNonNull(newId, "id");
      correlationId = Objects.requireNonNull(newCorrelationId, "correlationId");
      return this;
    }

    /** Sets the trace. */
    public Builder trace(TraceContext newTrace) {
      trace = newTrace;
      return this;
    }

    /** Sets the content that travels beside the message; the bus takes it over when it is sent. */
    public Builder content(Content newContent) {
      content = newContent;
      return this;
    }

    /** Makes this a consequence of another message: its conversation, its trace, its deadline. */
    public Builder causedBy(Message cause) {
      correlationId = cause.correlationId;
      causationId = cause.id;
      trace = cause.trace;
      if (cause.deadline != null) {
        deadline(cause.deadline);
      }
      return this;
    }

    private MessageId identity() {
      MessageId known = id;
      if (known == null) {
        known = MessageId.next();
        id = known;
      }
      return known;
    }

    /** Returns the message. */
    public Message build() {
      return new Message(this);
    }
  }
}
