package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One thing that a node says to another. Immutable. */
public sealed interface PeerFrame {

  /**
   * The first frame of who opened the stream.
   *
   * @param hello what it says of itself
   * @param proof that it holds the join token
   * @param link a name for the link that nobody can guess, for the streams of contents
   * @param replaces the name of the last link with this peer, empty for none: that one is gone
   */
  record Hello(FederationHello hello, String proof, String link, String replaces)
      implements PeerFrame {}

  /**
   * The first frame of who answers.
   *
   * @param answer whether the two work together
   * @param proof of who answers; empty where it refuses
   */
  record Welcome(FederationWelcome answer, String proof) implements PeerFrame {}

  /**
   * A command or a query.
   *
   * @param call names the call on this link
   * @param message the message; its deadline is by the receiver's clock, its content is not set
   * @param content the content that travels beside it; null for none
   */
  record Request(long call, Message message, @Nullable ContentOffer content) implements PeerFrame {}

  /**
   * The answer to a request.
   *
   * @param call names the call
   * @param payload what it says
   * @param handledBy the node that answered where it is not the sender; null where it is
   * @param content the content beside it; null for none
   */
  record Answer(
      long call, Payload payload, @Nullable NodeId handledBy, @Nullable ContentOffer content)
      implements PeerFrame {}

  /**
   * The failure of a request.
   *
   * @param call names the call
   * @param untouched whether no handler has seen the message, so that it may go elsewhere
   * @param error what went wrong
   */
  record Failure(long call, boolean untouched, ErrorText error) implements PeerFrame {}

  /**
   * An event, at most once.
   *
   * @param event the event; its deadline is by the receiver's clock
   */
  record Event(Message event) implements PeerFrame {}

  /**
   * An event that is sent until it is acknowledged.
   *
   * @param number its number; grows, also over restarts of the sender
   * @param floor all with a smaller number have been acknowledged by the receiver
   * @param event the event
   */
  record DurableEvent(long number, long floor, Message event) implements PeerFrame {}

  /**
   * Durable events need not be sent again.
   *
   * @param numbers which ones
   */
  record Acknowledge(List<Long> numbers) implements PeerFrame {
    /** Copies. */
    public Acknowledge {
      numbers = List.copyOf(numbers);
    }
  }

  /**
   * The sender is alive.
   *
   * @param incarnation which run of it says so
   * @param load how busy it is
   * @param draining whether it takes no new requests
   * @param held what the sender believes of the receiver's subscriptions, as a digest; 0 for
   *     nothing
   */
  record Heartbeat(long incarnation, NodeLoad load, boolean draining, long held)
      implements PeerFrame {}

  /**
   * What the sender handles and hears, said directly because the receiver believed otherwise.
   *
   * @param record the record as it stands in the registry
   */
  record Subscriptions(String record) implements PeerFrame {}

  /**
   * Nobody will read a content that the receiver of this frame offered.
   *
   * @param content its number
   */
  record Unwanted(long content) implements PeerFrame {}

  /** The sender takes no new requests, finishes what is under way, and then ends the stream. */
  record Leaving() implements PeerFrame {}

  /**
   * Content beside a message: small content lies in the frame, larger is fetched on a stream of its
   * own.
   *
   * @param number names it on this link; 0 where it is inline
   * @param length how many bytes, where that is known
   * @param contentType its media type
   * @param inline the content itself where it is small; null else
   */
  record ContentOffer(
      long number, OptionalLong length, String contentType, @Nullable Bytes inline) {}

  /**
   * An error as it crosses the wire.
   *
   * @param code its stable name
   * @param category the name of its category
   * @param retryable whether the same request may succeed later
   * @param detail a sentence for a person
   * @param attributes for programs
   */
  record ErrorText(
      String code,
      String category,
      boolean retryable,
      String detail,
      Map<String, String> attributes) {

    /** Copies. */
    public ErrorText {
      attributes = Map.copyOf(attributes);
    }
  }
}
