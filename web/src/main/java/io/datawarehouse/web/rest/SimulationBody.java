package io.datawarehouse.web.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datawarehouse.kernel.whatif.WhatIfQuestion;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What is to be simulated, as it stands in JSON. Immutable. */
record SimulationBody(
    @Nullable ObjectNode settings,
    @Nullable TraceBody trace,
    @Nullable NodesBody nodes,
    @Nullable String keys,
    @Nullable Long seed,
    @Nullable Double speed,
    @Nullable Integer concurrency) {

  static final SimulationBody EMPTY = new SimulationBody(null, null, null, null, null, null, null);

  private static final long USUAL_SEED = 1;

  /** A given trace, or whose recorded requests are the trace. */
  record TraceBody(@Nullable List<RequestBody> requests, Optional<List<String>> nodes) {

    private boolean recorded() {
      return nodes.isPresent() && (requests == null || requests.isEmpty());
    }
  }

  /** A request of a given trace. */
  record RequestBody(
      @Nullable Double atMillis,
      @Nullable String topic,
      @Nullable String key,
      @Nullable Long keyHash,
      @Nullable Double serviceMillis,
      @Nullable Long bytes) {}

  /** What would be different of the nodes. */
  record NodesBody(
      @Nullable List<AddedBody> add,
      @Nullable List<String> remove,
      @Nullable Map<String, Double> weights,
      @Nullable Map<String, Double> speeds) {}

  /** A node that would come. */
  record AddedBody(@Nullable String id, @Nullable Double weight, @Nullable String zone) {}

  /** Returns the question; the error of a value that is not allowed names the field. */
  WhatIfQuestion question(Map<String, Optional<Object>> changes) {
    return new WhatIfQuestion(
        changes,
        Optional.ofNullable(trace).filter(one -> !one.recorded()).map(SimulationBody::given),
        Optional.ofNullable(trace).flatMap(TraceBody::nodes),
        nodes == null ? WhatIfQuestion.Nodes.same() : changed(nodes),
        decides(keys),
        seed == null ? USUAL_SEED : seed,
        speed == null ? 1 : speed,
        concurrency == null ? WhatIfQuestion.USUAL_CONCURRENCY : concurrency);
  }

  private static WhatIfQuestion.Keys decides(@Nullable String keys) {
    if (keys == null) {
      return WhatIfQuestion.Keys.OWNER;
    }
    for (WhatIfQuestion.Keys one : WhatIfQuestion.Keys.values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(keys)) {
        return one;
      }
    }
    throw WarehouseException.invalid("keys", keys, "use owner or strategy");
  }

  private static List<WhatIfQuestion.Given> given(TraceBody trace) {
    List<RequestBody> requests = trace.requests == null ? List.of() : trace.requests;
    List<WhatIfQuestion.Given> given = new ArrayList<>(requests.size());
    for (RequestBody one : requests) {
      given.add(given("trace.requests[" + given.size() + "].", one));
    }
    return given;
  }

  private static WhatIfQuestion.Given given(String field, RequestBody request) {
    if (request.atMillis == null) {
      throw WarehouseException.invalid(field + "atMillis", null, "is needed");
    }
    if (request.key != null && request.keyHash != null) {
      throw WarehouseException.invalid(field + "keyHash", request.keyHash, "give it or the key");
    }
    if (request.topic != null) {
      requireTopic(field + "topic", request.topic);
    }
    Optional<Long> hash =
        request.key == null
            ? Optional.ofNullable(request.keyHash)
            : Optional.of(KeyHash.of(request.key));
    return new WhatIfQuestion.Given(
        request.atMillis,
        hash,
        request.serviceMillis == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(request.serviceMillis),
        request.bytes == null ? 0 : request.bytes);
  }

  private static void requireTopic(String field, String topic) {
    try {
      Topic unused = Topic.of(topic);
    } catch (WarehouseException e) {
      throw WarehouseException.invalid(field, topic, e.detail());
    }
  }

  private static WhatIfQuestion.Nodes changed(NodesBody nodes) {
    List<WhatIfQuestion.Added> add = new ArrayList<>();
    for (AddedBody one : nodes.add == null ? List.<AddedBody>of() : nodes.add) {
      if (one.id == null) {
        throw WarehouseException.invalid("nodes.add[" + add.size() + "].id", null, "is needed");
      }
      add.add(
          new WhatIfQuestion.Added(
              one.id,
              one.weight == null ? 1 : one.weight,
              one.zone == null ? NodeDescriptor.DEFAULT_ZONE : one.zone));
    }
    return new WhatIfQuestion.Nodes(
        add,
        nodes.remove == null ? List.of() : nodes.remove,
        nodes.weights == null ? Map.of() : nodes.weights,
        nodes.speeds == null ? Map.of() : nodes.speeds);
  }
}
