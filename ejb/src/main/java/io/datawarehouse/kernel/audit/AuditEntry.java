package io.datawarehouse.kernel.audit;

import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.Optional;

/**
 * An event as it was recorded. Immutable.
 *
 * @param id its identity at its node: greater than that of everything before
 * @param at when that was
 * @param nodeId which node recorded it
 * @param principal who did it: the role of a token, a node, or {@code anonymous}
 * @param from the address that it came from, as far as that is known
 * @param action what was done
 * @param target to what
 * @param outcome what came of it
 * @param code the stable name of the error, where there was one
 * @param reason what happened, in words
 * @param correlationId the trace that it belongs to
 * @param unrecorded how many refusals of the action before it were counted and not recorded
 */
public record AuditEntry(
    String id,
    Instant at,
    NodeId nodeId,
    String principal,
    Optional<String> from,
    String action,
    String target,
    AuditEvent.Outcome outcome,
    Optional<String> code,
    Optional<String> reason,
    Optional<String> correlationId,
    long unrecorded) {

  static AuditEntry of(long id, Instant at, NodeId node, AuditEvent event, long unrecorded) {
    return new AuditEntry(
        Long.toString(id),
        at,
        node,
        event.principal(),
        given(event.from()),
        event.action(),
        event.target(),
        event.outcome(),
        given(event.code()),
        given(event.reason()),
        given(event.correlationId()),
        unrecorded);
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
