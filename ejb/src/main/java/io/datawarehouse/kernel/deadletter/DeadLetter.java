package io.datawarehouse.kernel.deadletter;

import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.TraceContext;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A message that could not be delivered. Immutable.
 *
 * @param id its identity among the dead letters, sortable by time
 * @param messageId the message's identity
 * @param topic where it was to go
 * @param kind what it wanted
 * @param subscriber who should have had it, for an event
 * @param code the stable name of the error
 * @param reason why it was not delivered, in words
 * @param failedAt when that was
 * @param attempts how often it was tried, at least 1
 * @param affinityKey its affinity key
 * @param correlationId its conversation
 * @param trace the trace that it belongs to, where there is one
 * @param headers its headers
 * @param contentType the media type of the payload
 * @param payload the encoded payload
 */
public record DeadLetter(
    String id,
    String messageId,
    String topic,
    MessageKind kind,
    Optional<String> subscriber,
    String code,
    String reason,
    Instant failedAt,
    int attempts,
    Optional<String> affinityKey,
    String correlationId,
    Optional<TraceContext> trace,
    Map<String, String> headers,
    String contentType,
    Bytes payload) {}
