package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What is to be simulated. Immutable.
 *
 * @param settings by the names of balancing settings, as an operator would set them
 * @param trace the requests to replay; empty for those that were recorded
 * @param senders the nodes whose recorded requests are replayed; empty for all that are active
 * @param nodes what would be different of the nodes
 * @param keys who decides where a request with a key goes
 * @param seed where chance comes from
 * @param speed how many times as fast the trace is replayed
 * @param concurrency on how many requests a node works at a time
 */
public record WhatIfQuestion(
    Map<String, Optional<Object>> settings,
    Optional<List<Given>> trace,
    Optional<List<String>> senders,
    Nodes nodes,
    Keys keys,
    long seed,
    double speed,
    int concurrency) {

  /** The most requests that are replayed. */
  public static final int MOST_REQUESTS = 200_000;

  /** The most nodes that are simulated. */
  public static final int MOST_NODES = 1_000;

  /** How many requests a node works on at a time where nobody says. */
  public static final int USUAL_CONCURRENCY = 8;

  /** The field that names nodes whose requests are replayed. */
  static final String SENDERS = "trace.nodes";

  private static final int MOST_CONCURRENCY = 4_096;
  private static final double MOST_SPEED = 1_000;
  private static final double LEAST_SPEED = 0.001;
  private static final double DAY_MILLIS = 86_400_000;
  private static final double HOUR_MILLIS = 3_600_000;

  /** Who decides where a request with a key goes. */
  public enum Keys {
    /** The owners of the key's segment, as on the bus. */
    OWNER,
    /** The strategy, as if keys were its to place. */
    STRATEGY
  }

  /**
   * A request of a given trace. Immutable.
   *
   * @param atMillis when it is sent
   * @param keyHash the hash of its key; empty without one
   * @param serviceMillis how long a node of speed 1 works on it; empty where chance decides
   * @param bytes what travels with it
   */
  public record Given(
      double atMillis, Optional<Long> keyHash, OptionalDouble serviceMillis, long bytes) {}

  /**
   * A node that would be there. Immutable.
   *
   * @param id its identity
   * @param weight its share compared to others
   * @param zone what fails together with it
   */
  public record Added(String id, double weight, String zone) {
    /** Checks; the error names the field. */
    public Added {
      within("nodes.add.weight", weight, LEAST_SPEED, MOST_SPEED);
    }
  }

  /**
   * What would be different of the nodes. Immutable.
   *
   * @param add those that would come
   * @param remove those that would go
   * @param weights other weights, by identity
   * @param speeds how fast nodes would work, by identity; 1 is the mean of those that were recorded
   */
  public record Nodes(
      List<Added> add,
      List<String> remove,
      Map<String, Double> weights,
      Map<String, Double> speeds) {
    /** Copies and checks; the error names the field. */
    public Nodes {
      add = List.copyOf(add);
      remove = List.copyOf(remove);
      weights = Map.copyOf(weights);
      speeds = Map.copyOf(speeds);
      weights.forEach(
          (node, weight) -> within("nodes.weights." + node, weight, LEAST_SPEED, MOST_SPEED));
      speeds.forEach(
          (node, speed) -> within("nodes.speeds." + node, speed, LEAST_SPEED, MOST_SPEED));
    }

    /** Returns that nothing would be different. */
    public static Nodes same() {
      return new Nodes(List.of(), List.of(), Map.of(), Map.of());
    }
  }

  /** Copies and checks; the error names the field. */
  public WhatIfQuestion {
    settings = Map.copyOf(settings);
    trace = trace.map(List::copyOf);
    trace.ifPresent(WhatIfQuestion::check);
    senders = senders.map(List::copyOf);
    senders.ifPresent(WhatIfQuestion::checkSenders);
    if (trace.isPresent() && senders.isPresent()) {
      throw WarehouseException.invalid(
          SENDERS, senders.get(), "leave it out where trace.requests are given");
    }
    within("speed", speed, LEAST_SPEED, MOST_SPEED);
    within("concurrency", concurrency, 1, MOST_CONCURRENCY);
  }

  private static void check(List<Given> trace) {
    if (trace.isEmpty()) {
      throw WarehouseException.invalid("trace.requests", "none", "give one at least");
    }
    if (trace.size() > MOST_REQUESTS) {
      throw WarehouseException.invalid(
          "trace.requests", trace.size() + " requests", "give at most " + MOST_REQUESTS);
    }
    for (int number = 0; number < trace.size(); number++) {
      Given one = trace.get(number);
      String field = "trace.requests[" + number + "].";
      within(field + "atMillis", one.atMillis, 0, DAY_MILLIS);
      if (one.serviceMillis.isPresent()) {
        within(field + "serviceMillis", one.serviceMillis.getAsDouble(), LEAST_SPEED, HOUR_MILLIS);
      }
      if (one.bytes < 0) {
        throw WarehouseException.invalid(field + "bytes", one.bytes, "must not be negative");
      }
    }
  }

  private static void checkSenders(List<String> senders) {
    if (senders.isEmpty() || senders.size() > MOST_NODES) {
      throw WarehouseException.invalid(
          SENDERS, senders.size() + " nodes", "name 1 to " + MOST_NODES);
    }
    Set<String> seen = new HashSet<>();
    for (String sender : senders) {
      if (!seen.add(sender)) {
        throw WarehouseException.invalid(SENDERS, sender, "name each node once");
      }
    }
  }

  private static void within(String field, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw WarehouseException.invalid(
          field, shown(value), "use " + shown(least) + " to " + shown(most));
    }
  }

  private static Object shown(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return (long) value;
    }
    return value;
  }
}
