package io.datawarehouse.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreaker.Circuit;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Stages;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a {@link CircuitBreaker} must do. Time passes only when the test says so. */
public abstract class CircuitBreakerContract {

  private static final Duration OPEN_FOR = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final CircuitBreakerSettings THREE = new CircuitBreakerSettings(3, OPEN_FOR, 2);
  private static final int FEW = 5;
  private static final int THREADS = 8;

  /** Makes a breaker without any circuits that keeps that many of them. */
  protected abstract CircuitBreaker breaker(CircuitBreakerSettings settings, int mostCircuits);

  /** Lets time pass by the clock of the breakers. */
  protected abstract void advance(Duration by);

  @Test
  void opensAfterThatManyFailuresInARowAndNotBefore() throws Exception {
    CircuitBreaker breaker = breaker();
    fail(breaker, "peer", 2);
    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Closed(2));
    assertThat(breaker.<String>call("peer", () -> "works")).isEqualTo("works");
    fail(breaker, "peer", 2);
    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Closed(2));

    fail(breaker, "peer", 1);

    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Open(OPEN_FOR));
  }

  @Test
  void whatTheOperationThrowsReachesTheCaller() {
    IOException failure = new IOException("no route");

    assertThatThrownBy(
            () ->
                breaker()
                    .call(
                        "peer",
                        () -> {
                          throw failure;
                        }))
        .isSameAs(failure);
  }

  @Test
  void openCircuitCallsNothingAndSaysSo() {
    CircuitBreaker breaker = opened();
    AtomicInteger calls = new AtomicInteger();

    assertThatThrownBy(() -> breaker.call("peer", calls::incrementAndGet))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN));
    assertThat(
            Stages.errorOf(
                breaker.callAsync(
                    "peer", () -> CompletableFuture.completedFuture(calls.incrementAndGet())),
                SOON))
        .isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
    assertThat(breaker.circuit("peer").tryAcquire()).isEqualTo(Circuit.REFUSED);
    assertThat(calls).hasValue(0);
  }

  @Test
  void beingRefusedDoesNotKeepItOpenLonger() {
    CircuitBreaker breaker = opened();
    advance(OPEN_FOR.minusSeconds(1));
    assertThat(catchThrowable(() -> breaker.call("peer", () -> 1))).isNotNull();

    assertThat(breaker.circuit("peer").state())
        .isEqualTo(new CircuitState.Open(Duration.ofSeconds(1)));
    advance(Duration.ofSeconds(1));
    assertThat(breaker.circuit("peer").tryAcquire()).isNotEqualTo(Circuit.REFUSED);
  }

  @Test
  void noMoreProbesGoThroughThanSettingsSayAndAsManySuccessesCloseIt() {
    Circuit circuit = opened().circuit("peer");
    advance(OPEN_FOR);

    long one = circuit.tryAcquire();
    long two = circuit.tryAcquire();
    assertThat(List.of(one, two)).doesNotContain(Circuit.REFUSED);
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    circuit.succeeded(one);
    assertThat(circuit.state()).isInstanceOf(CircuitState.HalfOpen.class);
    circuit.succeeded(two);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void manyThreadsGetNoMoreProbesThanSettingsSay() {
    Circuit circuit = opened().circuit("peer");
    advance(OPEN_FOR);

    List<Long> tickets = Crowd.all(THREADS, SOON, thread -> circuit.tryAcquire());

    assertThat(tickets).filteredOn(ticket -> ticket != Circuit.REFUSED).hasSize(2);
  }

  @Test
  void failedProbeOpensItAgainForTheWholeTime() {
    Circuit circuit = opened().circuit("peer");
    advance(OPEN_FOR.plusSeconds(11));
    long one = circuit.tryAcquire();
    long two = circuit.tryAcquire();

    circuit.succeeded(one);
    circuit.failed(two);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Open(OPEN_FOR));
  }

  @Test
  void probeThatIsGivenUpMakesRoomForAnother() {
    Circuit circuit = opened().circuit("peer");
    advance(OPEN_FOR);
    circuit.released(circuit.tryAcquire());
    long one = circuit.tryAcquire();
    long two = circuit.tryAcquire();

    assertThat(List.of(one, two)).doesNotContain(Circuit.REFUSED);
    circuit.succeeded(one);
    circuit.succeeded(two);
    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void refusalOfTheOtherSideIsNoFailure() {
    CircuitBreaker breaker = breaker();

    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(
              () ->
                  breaker.call(
                      "peer",
                      () -> {
                        throw WarehouseException.invalid("field", "value", "says the other side");
                      }))
          .isInstanceOf(WarehouseException.class);
      assertThat(
              Stages.errorOf(
                  breaker.callAsync(
                      "peer",
                      () ->
                          CompletableFuture.failedFuture(
                              WarehouseException.invalid("field", "value", "no"))),
                  SOON))
          .isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
    }

    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void failureOfTheOtherSideCounts() {
    CircuitBreaker breaker = breaker();

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  breaker.call(
                      "peer",
                      () -> {
                        throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "not there");
                      }))
          .isInstanceOf(WarehouseException.class);
    }

    assertThat(breaker.circuit("peer").state()).isInstanceOf(CircuitState.Open.class);
  }

  @Test
  void stagesCountLikeCallsAndNeverThrow() {
    CircuitBreaker breaker = breaker();
    CompletionStage<String> thrown =
        breaker.callAsync(
            "peer",
            () -> {
              throw new IllegalStateException("the supplier failed");
            });
    CompletionStage<String> failed =
        breaker.callAsync(
            "peer", () -> CompletableFuture.failedFuture(new IOException("the stage failed")));
    assertThat(thrown).failsWithin(SOON).withThrowableThat().havingCause();
    assertThat(failed).failsWithin(SOON);
    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Closed(2));

    assertThat(breaker.callAsync("peer", () -> CompletableFuture.completedFuture("works")))
        .succeedsWithin(SOON)
        .isEqualTo("works");

    assertThat(breaker.circuit("peer").state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void outcomeOfACallFromBeforeTheLastChangeIsIgnored() {
    CircuitBreaker breaker = breaker();
    Circuit circuit = breaker.circuit("peer");
    long early = circuit.tryAcquire();
    long alsoEarly = circuit.tryAcquire();
    fail(breaker, "peer", 3);

    circuit.succeeded(early);
    assertThat(circuit.state()).isInstanceOf(CircuitState.Open.class);
    advance(OPEN_FOR);
    long one = circuit.tryAcquire();
    circuit.failed(alsoEarly);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HalfOpen(1, 0));
    circuit.succeeded(one);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HalfOpen(0, 1));
  }

  @Test
  void circuitsAreKeptApartAndAlwaysTheSame() {
    CircuitBreaker breaker = opened();

    assertThat(breaker.circuit("other").state()).isEqualTo(new CircuitState.Closed(0));
    assertThat(breaker.circuit("peer")).isSameAs(breaker.circuit("peer"));
    assertThat(breaker.circuit("peer").key()).isEqualTo("peer");
    assertThat(breaker.states().keySet()).containsExactly("other", "peer");
    assertThat(breaker.states().get("peer")).isEqualTo(new CircuitState.Open(OPEN_FOR));
  }

  @Test
  void numberOfCircuitsIsBoundedAndTheLongestUnusedClosedOneGoes() throws Exception {
    CircuitBreaker breaker = breaker(THREE, FEW);
    fail(breaker, "open", 3);
    for (String key : List.of("a", "b", "c", "d")) {
      advance(Duration.ofMillis(1));
      breaker.call(key, () -> 1);
    }
    advance(Duration.ofMillis(1));
    Circuit used = breaker.circuit("a");
    used.succeeded(used.tryAcquire());
    Circuit dropped = breaker.circuit("b");
    advance(Duration.ofMillis(1));
    for (String key : List.of("b", "c", "d")) {
      // Looked up, not used: what counts is the last call.
      assertThat(breaker.circuit(key)).isNotNull();
    }

    breaker.call("e", () -> 1);

    assertThat(breaker.states()).hasSizeLessThanOrEqualTo(FEW).containsKeys("open", "a", "e");
    fail(dropped, 3);
    assertThat(dropped.state()).as("it works on").isInstanceOf(CircuitState.Open.class);
    for (int i = 0; i < 100; i++) {
      breaker.call("many " + i, () -> 1);
    }
    assertThat(breaker.states()).hasSizeLessThanOrEqualTo(FEW).containsKey("open");
  }

  @Test
  void operatorHoldsItOpenUntilAnOperatorClosesIt() {
    CircuitBreaker breaker = breaker();
    Circuit circuit = breaker.circuit("peer");
    fail(breaker, "peer", 2);

    circuit.holdOpen("maintenance");
    advance(OPEN_FOR.multipliedBy(10));
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HeldOpen("maintenance"));
    circuit.close();

    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
    assertThat(circuit.tryAcquire()).isNotEqualTo(Circuit.REFUSED);
  }

  @Test
  void closedCircuitAllocatesNothing() {
    Circuit circuit = breaker().circuit("peer");

    Allocations.requireNone("tryAcquire()", i -> circuit.succeeded(circuit.tryAcquire()));
  }

  @Test
  void nothingIsLockedWhileACallIsUnderWay() throws Exception {
    CircuitBreaker breaker = breaker();

    String answer =
        breaker.call(
            "peer",
            () ->
                Crowd.elsewhere(
                    SOON,
                    () -> {
                      breaker.states();
                      breaker.circuit("another");
                      return breaker.<String>call("peer", () -> "at the same time");
                    }));

    assertThat(answer).isEqualTo("at the same time");
  }

  @Test
  void keyHasOneToThreeHundredCharacters() {
    CircuitBreaker breaker = breaker();
    assertThat(breaker.circuit("k".repeat(300)).key()).hasSize(300);
    for (String key : List.of("", "k".repeat(301))) {
      assertThatThrownBy(() -> breaker.circuit(key))
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT));
    }
  }

  private CircuitBreaker breaker() {
    return breaker(THREE, 100);
  }

  private CircuitBreaker opened() {
    CircuitBreaker breaker = breaker();
    fail(breaker, "peer", 3);
    assertThat(breaker.circuit("peer").state()).isInstanceOf(CircuitState.Open.class);
    return breaker;
  }

  private static void fail(CircuitBreaker breaker, String key, int times) {
    fail(breaker.circuit(key), times);
  }

  private static void fail(Circuit circuit, int times) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(
              () ->
                  circuit.call(
                      () -> {
                        throw new IOException("failed");
                      }))
          .isInstanceOf(IOException.class);
    }
  }
}
