package io.datawarehouse.kernel.resilience.smallrye;

import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.cluster.PeerCircuits;
import io.datawarehouse.kernel.federation.PeerGuard;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker and a bulkhead for each operation of each other node. Thread-safe; a request
 * costs one look into a map and SmallRye's bookkeeping.
 *
 * <p>Circuits are made when they are first used and kept; there are at most as many as nodes times
 * topics. An operator's order goes before what happens. Where circuits are switched off, failures
 * are counted and open none.
 */
public final class SmallRyePeerGuard implements PeerGuard, PeerCircuits {

  /**
   * When circuits open and how much a compartment holds.
   *
   * @param breaker when a circuit opens, for how long, and how it is tried again
   * @param concurrency how many requests for one operation of one node may be under way
   */
  public record Settings(CircuitBreakerSettings breaker, int concurrency) {}

  private static final System.Logger LOG = System.getLogger(SmallRyePeerGuard.class.getName());

  private final Settings settings;
  private final LongSupplier ticker;
  private volatile boolean breaking = true;
  private final Metrics metrics;
  private final Map<NodeId, Map<Topic, Circuit>> circuits = new ConcurrentHashMap<>();

  /**
   * Makes a guard whose circuits are closed.
   *
   * @param ticker nanoseconds that only grow
   */
  public SmallRyePeerGuard(Settings settings, LongSupplier ticker, Metrics metrics) {
    this.settings = settings;
    this.ticker = ticker;
    this.metrics = metrics;
    metrics.gauge(
        "cluster.circuits.open",
        "Circuits to operations of other nodes that let nothing through",
        Map.of(),
        () -> all().stream().filter(circuit -> !circuit.admits()).count());
  }

  /**
   * Says whether circuits open after failures, as they do at first. When that changes all of them
   * are closed and count from nothing; what operators ordered for one stands.
   */
  public synchronized void breaking(boolean wanted) {
    if (wanted != breaking) {
      breaking = wanted;
      all().forEach(Circuit::forget);
      LOG.log(
          System.Logger.Level.INFO,
          "circuits to other nodes {0} after failures from now on",
          wanted ? "open" : "do not open");
    }
  }

  @Override
  public boolean breaking() {
    return breaking;
  }

  @Override
  public boolean admits(NodeId node, Topic topic) {
    Map<Topic, Circuit> ofNode = circuits.get(node);
    Circuit circuit = ofNode == null ? null : ofNode.get(topic);
    return circuit == null || circuit.admits();
  }

  @Override
  public Permit enter(NodeId node, Topic topic) throws WarehouseException {
    return circuit(node, topic).enter();
  }

  @Override
  public @Nullable WarehouseException refusal(NodeId node, Topic topic) {
    Map<Topic, Circuit> ofNode = circuits.get(node);
    Circuit circuit = ofNode == null ? null : ofNode.get(topic);
    return circuit == null ? null : circuit.refusal();
  }

  @Override
  public void isBack(NodeId node) {
    circuits.getOrDefault(node, Map.of()).values().forEach(Circuit::beginAnew);
  }

  @Override
  public List<PeerCircuit> circuits() {
    return all().stream()
        .map(Circuit::show)
        .sorted(Comparator.comparing(PeerCircuit::peer).thenComparing(PeerCircuit::operation))
        .toList();
  }

  @Override
  public PeerCircuit order(NodeId peer, String operation, Optional<PeerCircuit.State> state) {
    if (state.filter(PeerCircuit.State.HALF_OPEN::equals).isPresent()) {
      throw WarehouseException.invalid("state", PeerCircuit.State.HALF_OPEN, "use OPEN or CLOSED");
    }
    Circuit circuit = circuit(peer, Topic.of(operation));
    circuit.order(state);
    return circuit.show();
  }

  private List<Circuit> all() {
    return circuits.values().stream().flatMap(ofNode -> ofNode.values().stream()).toList();
  }

  private Circuit circuit(NodeId node, Topic topic) {
    Map<Topic, Circuit> ofNode = circuits.get(node);
    if (ofNode == null) {
      ofNode = circuits.computeIfAbsent(node, peer -> new ConcurrentHashMap<>());
    }
    Circuit circuit = ofNode.get(topic);
    return circuit == null
        ? ofNode.computeIfAbsent(
            topic,
            operation -> new Circuit(node, operation, settings, ticker, () -> breaking, metrics))
        : circuit;
  }
}
