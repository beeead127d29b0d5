package io.datawarehouse.kernel.resilience.smallrye;

import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.federation.PeerGuard;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.TypedGuard;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jspecify.annotations.Nullable;

/**
 * One circuit with its compartment. Thread-safe.
 *
 * <p>SmallRye decides, and is asked as seldom as that allows, because it costs more than all else
 * that is done for a message. A closed circuit opens after so many failures without a success
 * between, so it is told of every failure, and of the first success after one. While the circuit is
 * not closed, a request is a stage that SmallRye watches from its beginning: it may be a probe.
 *
 * <p>Where circuits are switched off SmallRye is told nothing, and what happens opens none;
 * requests are counted as ever, and the compartment and an operator's order for this circuit still
 * hold.
 */
final class Circuit {

  private static final System.Logger LOG = System.getLogger(Circuit.class.getName());

  private static final String BY_ORDER = "by an operator's order";
  private static final String AFTER_FAILURES = "after failures";

  private final NodeId peer;
  private final Topic operation;
  private final CircuitBreakerSettings settings;
  private final int limit;
  private final LongSupplier ticker;
  private final BooleanSupplier enabled;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder successes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder prevented = new LongAdder();
  private final Metrics.Counter opened;
  private volatile PeerCircuit.@Nullable State ordered;
  private volatile PeerCircuit.State state = PeerCircuit.State.CLOSED;
  private volatile long openedAt;

  /** Whether SmallRye was told of a failure, and of no success since. */
  private volatile boolean failing;

  /** Replaced when an operator wants the circuit to begin anew. */
  @SuppressWarnings("rawtypes") // SmallRye takes the class, which has no parameter.
  private volatile TypedGuard<CompletionStage> guard;

  // Guarded by this. How many guards there were.
  private int generation;

  Circuit(
      NodeId peer,
      Topic operation,
      SmallRyePeerGuard.Settings settings,
      LongSupplier ticker,
      BooleanSupplier enabled,
      Metrics metrics) {
    this.peer = peer;
    this.operation = operation;
    this.settings = settings.breaker();
    this.limit = settings.concurrency();
    this.ticker = ticker;
    this.enabled = enabled;
    this.opened =
        metrics.counter(
            "cluster.circuits.opened",
            "Times that a circuit to another node opened",
            Map.of("peer", peer.value()));
    this.guard = newGuard();
  }

  @SuppressWarnings("rawtypes")
  private synchronized TypedGuard<CompletionStage> newGuard() {
    int mine = ++generation;
    return TypedGuard.create(CompletionStage.class)
        .withDescription(peer + " " + operation)
        .withCircuitBreaker()
        .requestVolumeThreshold(settings.failures())
        .failureRatio(1)
        .delay(settings.openFor().toMillis(), ChronoUnit.MILLIS)
        .successThreshold(settings.probes())
        .onStateChange(now -> changed(mine, now))
        .done()
        .build();
  }

  /** A guard that was replaced may still hear of a request from its own time. */
  private synchronized void changed(int from, CircuitBreakerState now) {
    if (from != generation) {
      return;
    }
    state = PeerCircuit.State.valueOf(now.name());
    if (now == CircuitBreakerState.OPEN) {
      openedAt = ticker.getAsLong();
      opened.increment();
    }
    LOG.log(
        now == CircuitBreakerState.CLOSED ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
        "the circuit to {0} of node {1} is {2}",
        operation,
        peer,
        now);
  }

  /** Returns whether a request would be let through now. */
  boolean admits() {
    PeerCircuit.State order = ordered;
    if (order != null) {
      return order != PeerCircuit.State.OPEN;
    }
    // SmallRye finds out that the time is over when the next request comes.
    return inFlight.get() < limit && !opened();
  }

  private boolean opened() {
    return state == PeerCircuit.State.OPEN
        && enabled.getAsBoolean()
        && ticker.getAsLong() - openedAt < settings.openFor().toNanos();
  }

  /**
   * Returns why a request would be refused now, which counts as one that was; null where it would
   * be let through.
   */
  @Nullable WarehouseException refusal() {
    PeerCircuit.State order = ordered;
    if (order == PeerCircuit.State.OPEN) {
      return open(BY_ORDER);
    }
    if (inFlight.get() >= limit) {
      return full();
    }
    return order == null && opened() ? open(AFTER_FAILURES) : null;
  }

  void order(Optional<PeerCircuit.State> wanted) {
    ordered = wanted.orElse(null);
    if (wanted.isEmpty()) {
      forget();
    }
    LOG.log(
        System.Logger.Level.INFO,
        "an operator ordered the circuit to {0} of node {1}: {2}",
        operation,
        peer,
        wanted.map(Enum::name).orElse("as it happens"));
  }

  /** Forgets failures of a time that is over; an operator's order stands. */
  void beginAnew() {
    if (state != PeerCircuit.State.CLOSED) {
      forget();
      LOG.log(
          System.Logger.Level.INFO,
          "node {0} is back; the circuit to its {1} is closed",
          peer,
          operation);
    }
  }

  /** Is closed, and counts from nothing; an operator's order stands. */
  synchronized void forget() {
    guard = newGuard();
    failing = false;
    state = PeerCircuit.State.CLOSED;
  }

  PeerGuard.Permit enter() {
    if (ordered == PeerCircuit.State.OPEN) {
      throw open(BY_ORDER);
    }
    if (inFlight.incrementAndGet() > limit) {
      inFlight.decrementAndGet();
      throw full();
    }
    if (ordered == PeerCircuit.State.CLOSED || !enabled.getAsBoolean()) {
      return new Passage(null, null);
    }
    return state == PeerCircuit.State.CLOSED ? new Passage(guard, null) : watched();
  }

  private Passage watched() {
    CompletableFuture<Object> request = new CompletableFuture<>();
    CompletionStage<?> watched = guard.get(() -> request);
    if (watched.toCompletableFuture().isCompletedExceptionally() && !request.isDone()) {
      inFlight.decrementAndGet();
      throw refused(watched);
    }
    return new Passage(null, request);
  }

  private WarehouseException refused(CompletionStage<?> watched) {
    Throwable[] cause = new Throwable[1];
    watched.whenComplete((done, failure) -> cause[0] = failure);
    return cause[0] instanceof CircuitBreakerOpenException
        ? open(AFTER_FAILURES)
        : new WarehouseException(
            StandardErrorCode.UNAVAILABLE,
            "the request to node " + peer + " was not let through: " + cause[0],
            cause[0]);
  }

  private WarehouseException full() {
    prevented.increment();
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        "%d requests for '%s' of node %s are under way already".formatted(limit, operation, peer));
  }

  private WarehouseException open(String why) {
    prevented.increment();
    return new WarehouseException(
        StandardErrorCode.CIRCUIT_OPEN,
        "the circuit to '%s' of node %s is open %s".formatted(operation, peer, why));
  }

  PeerCircuit show() {
    PeerCircuit.State order = ordered;
    return new PeerCircuit(
        peer,
        operation.name(),
        order == null ? state : order,
        Optional.ofNullable(order),
        inFlight.get(),
        limit,
        successes.sum(),
        failures.sum(),
        prevented.sum());
  }

  /**
   * Tells SmallRye what became of a request that a closed circuit let through.
   *
   * @param at the guard that was in force then; another time is over
   */
  @SuppressWarnings("rawtypes")
  private void tell(TypedGuard<CompletionStage> at, @Nullable WarehouseException fault) {
    if (fault == null && !failing || at != guard || state != PeerCircuit.State.CLOSED) {
      return;
    }
    // Unset before it is told, set after: a failure between the two is followed by another success.
    if (fault == null) {
      failing = false;
      var unused = at.get(() -> CompletableFuture.completedFuture(peer));
    } else {
      var unused = at.get(() -> CompletableFuture.failedFuture(fault));
      failing = true;
    }
  }

  /** One request that was let through. */
  private final class Passage implements PeerGuard.Permit {

    @SuppressWarnings("rawtypes")
    private final @Nullable TypedGuard<CompletionStage> closed;

    private final @Nullable CompletableFuture<Object> request;

    /**
     * Makes one.
     *
     * @param closed the guard of the closed circuit that is told at the end; null for none
     * @param request the stage that is watched; null for none
     */
    @SuppressWarnings("rawtypes")
    Passage(
        @Nullable TypedGuard<CompletionStage> closed, @Nullable CompletableFuture<Object> request) {
      this.closed = closed;
      this.request = request;
    }

    @Override
    public void success(long nanos) {
      successes.increment();
      end(null);
    }

    @Override
    public void failure(WarehouseException error, long nanos) {
      WarehouseException fault = PeerGuard.fault(error);
      (fault == null ? successes : failures).increment();
      end(fault);
    }

    @Override
    public void cancelled() {
      inFlight.decrementAndGet();
      if (request != null) {
        request.complete(peer);
      }
    }

    private void end(@Nullable WarehouseException fault) {
      inFlight.decrementAndGet();
      if (closed != null) {
        tell(closed, fault);
      } else if (request != null) {
        if (fault == null) {
          request.complete(peer);
        } else {
          request.completeExceptionally(fault);
        }
      }
    }
  }
}
