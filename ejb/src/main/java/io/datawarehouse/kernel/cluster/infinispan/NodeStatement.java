package io.datawarehouse.kernel.cluster.infinispan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a node says of itself to all others, and which others it wants drained. Immutable.
 *
 * @param descriptor what it is
 * @param state JOINING, ACTIVE, DRAINING or LEFT; what else there is, others decide
 * @param since when it came into that state
 * @param reason why
 * @param drains which nodes shall drain
 */
record NodeStatement(
    NodeDescriptor descriptor,
    NodeState state,
    Instant since,
    String reason,
    Map<String, DrainOrder> drains) {

  /** Fields of a newer version are passed over: nodes of two versions work together. */
  private static final ObjectReader READER =
      Json.mapper()
          .readerFor(NodeStatement.class)
          .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  NodeStatement {
    Objects.requireNonNull(descriptor, "descriptor");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(reason, "reason");
    if (state == NodeState.SUSPECT || state == NodeState.DEAD) {
      throw WarehouseException.invalid("state", state, "no node says so of itself");
    }
    drains = Map.copyOf(drains);
  }

  /**
   * That a node shall drain. Immutable.
   *
   * @param incarnation which run of it
   * @param since when that was said
   * @param reason why
   */
  record DrainOrder(long incarnation, Instant since, String reason) {
    DrainOrder {
      Objects.requireNonNull(since, "since");
      Objects.requireNonNull(reason, "reason");
    }
  }

  NodeId id() {
    return descriptor.id();
  }

  long incarnation() {
    return descriptor.incarnation();
  }

  NodeStatement moved(NodeState newState, Instant at, String why) {
    return new NodeStatement(descriptor, newState, at, why, drains);
  }

  NodeStatement ordering(NodeId node, DrainOrder order) {
    Map<String, DrainOrder> more = new HashMap<>(drains);
    more.put(node.value(), order);
    return new NodeStatement(descriptor, state, since, reason, more);
  }

  NodeStatement withDrains(Map<String, DrainOrder> others) {
    return new NodeStatement(descriptor, state, since, reason, others);
  }

  String toJson() {
    return new String(Json.write(this), StandardCharsets.UTF_8);
  }

  /** Reads the JSON form; empty if it is not one. */
  static Optional<NodeStatement> fromJson(String json) {
    try {
      return Optional.ofNullable(READER.readValue(json));
    } catch (JsonProcessingException | WarehouseException e) {
      return Optional.empty();
    }
  }
}
