package io.datawarehouse.sdk.message;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a command or a query. Immutable, but for its {@link Content}, which has one reader:
 * who gets the reply must close it.
 */
public final class Reply {

  private static final Reply EMPTY = new Reply(Payload.empty(), null, null);

  private final Payload payload;
  private final @Nullable Content content;
  private final @Nullable NodeId handledBy;

  private Reply(Payload payload, @Nullable Content content, @Nullable NodeId handledBy) {
    this.payload = Objects.requireNonNull(payload, "payload");
    this.content = content;
    this.handledBy = handledBy;
  }

  /** Returns the reply that says only: done. */
  public static Reply empty() {
    return EMPTY;
  }

  /** Makes a reply of an immutable value. */
  public static Reply of(Object value) {
    return new Reply(Payload.of(value), null, null);
  }

  /** Makes a reply of a payload. */
  public static Reply of(Payload payload) {
    return new Reply(payload, null, null);
  }

  /** Makes a reply with content beside it. */
  public static Reply of(Payload payload, Content content) {
    return new Reply(payload, Objects.requireNonNull(content, "content"), null);
  }

  /** Returns this reply as the bus delivers it: with the node that answered and a codec. */
  public Reply delivered(NodeId node, PayloadCodec codec) {
    return new Reply(payload.withCodec(codec), content, handledBy == null ? node : handledBy);
  }

  /** Returns what it says. */
  public Payload payload() {
    return payload;
  }

  /** Returns what it says as a type; see {@link Payload#as(Class)}. */
  public <T> T as(Class<T> type) {
    return payload.as(type);
  }

  /** Returns the content beside it. */
  public Optional<Content> content() {
    return Optional.ofNullable(content);
  }

  /** Returns the node whose handler answered; empty only before the bus delivered the reply. */
  public Optional<NodeId> handledBy() {
    return Optional.ofNullable(handledBy);
  }
}
