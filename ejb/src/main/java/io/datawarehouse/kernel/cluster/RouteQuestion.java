package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import java.util.Map;
import java.util.Optional;

/**
 * The message whose way is asked for: a request without a payload. Immutable.
 *
 * @param topic its topic
 * @param key its affinity key
 * @param headers its headers
 */
public record RouteQuestion(Topic topic, Optional<String> key, Map<String, String> headers) {

  /** Copies. */
  public RouteQuestion {
    headers = Map.copyOf(headers);
  }

  /** Asks for a message without headers. */
  public RouteQuestion(Topic topic, Optional<String> key) {
    this(topic, key, Map.of());
  }

  /**
   * Returns such a message.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code INVALID_ARGUMENT} for a key or
   *     headers that no message may have
   */
  public Message message() {
    Message.Builder message = Message.query(topic, Payload.empty()).headers(headers);
    key.ifPresent(message::affinityKey);
    return message.build();
  }
}
