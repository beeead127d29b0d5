package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.placement.OwnershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a node must not forget while keys move: what is coming, what it holds back changes of, and
 * what it must drop. On disk before anything is done that needs it. Thread-safe.
 */
final class MoveRecords {

  private static final String ARRIVAL = "arrival.";
  private static final String DEPARTURE = "departure.";
  private static final String LEFTOVER = "leftover.";

  /** Copies that come, or came, from a node. */
  record Arrival(String plan, NodeId source, String kind, String change) {
    String key() {
      return ARRIVAL + plan + "." + source;
    }
  }

  /**
   * Keys whose changes wait, because the entry may be replaced at any moment.
   *
   * @param amounts how much that is
   */
  record Departure(String plan, String kind, String change, List<NodeMoves.Amount> amounts) {
    Departure {
      amounts = List.copyOf(amounts);
    }

    String key() {
      return DEPARTURE + plan;
    }
  }

  /**
   * Copies that are not this node's and shall go.
   *
   * @param due when they may go
   */
  record Leftover(String id, String kind, String change, Instant due) {
    String key() {
      return LEFTOVER + id;
    }
  }

  private final KernelStorage storage;
  private final Map<String, OwnershipChange.Kind> kinds;

  MoveRecords(KernelStorage storage, Map<String, OwnershipChange.Kind> kinds) {
    this.storage = storage;
    this.kinds = Map.copyOf(kinds);
  }

  OwnershipChange changeOf(String kind, String text) {
    OwnershipChange.Kind known = kinds.get(kind);
    if (known == null) {
      throw PlanErrors.notNow("this node knows no changes of kind '" + kind + "'");
    }
    return known.parse(text);
  }

  List<Arrival> arrivals() {
    return all(ARRIVAL, Arrival.class);
  }

  List<Departure> departures() {
    return all(DEPARTURE, Departure.class);
  }

  List<Leftover> leftovers() {
    return all(LEFTOVER, Leftover.class);
  }

  /** Returns whether nothing is kept: no copies can be there that others own. */
  boolean isEmpty() {
    return storage.keys("").isEmpty();
  }

  void keep(Arrival arrival) {
    storage.put(arrival.key(), Bytes.copyOf(Json.write(arrival)));
  }

  void keep(Departure departure) {
    storage.put(departure.key(), Bytes.copyOf(Json.write(departure)));
  }

  void keep(Leftover leftover) {
    storage.put(leftover.key(), Bytes.copyOf(Json.write(leftover)));
  }

  void forget(String key) {
    storage.delete(key);
  }

  private <T> List<T> all(String prefix, Class<T> type) {
    List<T> found = new ArrayList<>();
    for (String key : storage.keys(prefix)) {
      storage.get(key).ifPresent(value -> found.add(Json.read(value.toArray(), type)));
    }
    return found;
  }
}
