package io.datawarehouse.kernel.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.CircuitBreaker.Circuit;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InProcessCircuitBreakerTest {

  private static final Duration OPEN_FOR = Duration.ofSeconds(30);

  // Near the end of the range, so that it overflows in every test.
  private final AtomicLong ticker = new AtomicLong(Long.MAX_VALUE - 5);
  private final InProcessCircuitBreaker breaker = breaker(CircuitBreakerSettings.defaults());

  @Test
  void fiveFailuresInARowOpenItForThirtySeconds() {
    Circuit circuit = breaker.circuit("peer");
    fail(circuit, 4);
    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(4));
    fail(circuit, 1);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Open(OPEN_FOR));
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    advance(OPEN_FOR.minusNanos(1));
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    assertThat(circuit.state()).isEqualTo(new CircuitState.Open(Duration.ofNanos(1)));
    advance(Duration.ofNanos(1));
    assertThat(circuit.tryAcquire()).isNotEqualTo(Circuit.REFUSED);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HalfOpen(1, 0));
  }

  @Test
  void successInBetweenForgetsFailures() {
    Circuit circuit = breaker.circuit("peer");
    fail(circuit, 4);
    circuit.succeeded(circuit.tryAcquire());
    fail(circuit, 4);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(4));
  }

  @Test
  void oneProbeGoesThroughAndItsSuccessCloses() {
    Circuit circuit = opened(breaker);
    advance(OPEN_FOR);

    long probe = circuit.tryAcquire();
    assertThat(circuit.tryAcquire()).as("one probe at a time").isEqualTo(Circuit.REFUSED);
    circuit.succeeded(probe);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void failedProbeOpensItAgainForTheWholeTime() {
    Circuit circuit = opened(breaker);
    advance(OPEN_FOR.plusSeconds(7));

    circuit.failed(circuit.tryAcquire());

    assertThat(circuit.state()).isEqualTo(new CircuitState.Open(OPEN_FOR));
  }

  @Test
  void severalProbesMustAllSucceed() {
    InProcessCircuitBreaker three = breaker(new CircuitBreakerSettings(5, OPEN_FOR, 3));
    Circuit circuit = opened(three);
    advance(OPEN_FOR);

    long first = circuit.tryAcquire();
    long second = circuit.tryAcquire();
    circuit.succeeded(first);
    long third = circuit.tryAcquire();
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HalfOpen(2, 1));
    circuit.succeeded(second);
    circuit.succeeded(third);

    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void probeThatWasGivenUpMakesRoomForAnother() {
    Circuit circuit = opened(breaker);
    advance(OPEN_FOR);
    circuit.released(circuit.tryAcquire());

    assertThat(circuit.state()).isEqualTo(new CircuitState.HalfOpen(0, 0));
    assertThat(circuit.tryAcquire()).isNotEqualTo(Circuit.REFUSED);
  }

  @Test
  void probeThatNeverComesBackDoesNotKeepItShutForEver() {
    Circuit circuit = opened(breaker);
    advance(OPEN_FOR);
    long lost = circuit.tryAcquire();
    advance(OPEN_FOR.minusNanos(1));
    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    advance(Duration.ofNanos(1));

    long next = circuit.tryAcquire();
    assertThat(next).isNotEqualTo(Circuit.REFUSED);
    circuit.failed(lost);
    assertThat(circuit.state())
        .as("the lost one counts no more")
        .isInstanceOf(CircuitState.HalfOpen.class);
    circuit.succeeded(next);
    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void outcomeOfACallFromBeforeTheLastChangeIsIgnored() {
    Circuit circuit = breaker.circuit("peer");
    long slow = circuit.tryAcquire();
    fail(circuit, 5);
    circuit.succeeded(slow);
    assertThat(circuit.state()).isInstanceOf(CircuitState.Open.class);
    advance(OPEN_FOR);
    circuit.succeeded(circuit.tryAcquire());
    for (int i = 0; i < 9; i++) {
      circuit.failed(slow);
    }
    assertThat(circuit.state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void operatorHoldsItOpenUntilAnOperatorClosesIt() {
    Circuit circuit = breaker.circuit("peer");
    long before = circuit.tryAcquire();
    circuit.holdOpen("maintenance");
    advance(Duration.ofDays(1));
    circuit.succeeded(before);

    assertThat(circuit.tryAcquire()).isEqualTo(Circuit.REFUSED);
    assertThat(circuit.state()).isEqualTo(new CircuitState.HeldOpen("maintenance"));
    circuit.close();
    assertThat(circuit.tryAcquire()).isNotEqualTo(Circuit.REFUSED);
  }

  @Test
  void callCountsWhatTheOtherSideDidWrongOnly() throws Exception {
    for (int i = 0; i < 9; i++) {
      assertThatThrownBy(
              () ->
                  breaker.call(
                      "peer",
                      () -> {
                        throw new WarehouseException(StandardErrorCode.NO_SUCH_BLOB, "no");
                      }))
          .hasMessage("no");
      assertThatThrownBy(
              () ->
                  breaker.call(
                      "peer",
                      () -> {
                        throw new CancellationException();
                      }))
          .isInstanceOf(CancellationException.class);
    }
    assertThat(breaker.call("peer", () -> 42)).isEqualTo(42);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(
              () ->
                  breaker.call(
                      "peer",
                      () -> {
                        throw new AssertionError("broken");
                      }))
          .isInstanceOf(AssertionError.class);
    }
    assertThatThrownBy(() -> breaker.call("peer", () -> 42))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
              assertThat(e).hasMessageContaining("'peer'").hasMessageContaining("OPEN");
            });
    assertThat(breaker.call("other", () -> 42)).as("keys are kept apart").isEqualTo(42);
  }

  @Test
  void asynchronousCallsCountWhenTheyEnd() {
    CompletableFuture<String> running = new CompletableFuture<>();
    CompletionStage<String> stage = breaker.callAsync("peer", () -> running);
    fail(breaker.circuit("peer"), 4);
    running.completeExceptionally(
        new CompletionException(new WarehouseException(StandardErrorCode.TIMEOUT, "late")));

    assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
    assertThat(breaker.circuit("peer").state()).isInstanceOf(CircuitState.Open.class);
    assertThat(breaker.callAsync("peer", () -> running).toCompletableFuture())
        .isCompletedExceptionally();
    CompletionStage<String> thrown =
        breaker.callAsync(
            "other",
            () -> {
              throw new IllegalStateException("cannot even begin");
            });
    assertThat(thrown.toCompletableFuture()).isCompletedExceptionally();
    assertThat(breaker.circuit("other").state()).isEqualTo(new CircuitState.Closed(1));
    breaker.callAsync("other", () -> CompletableFuture.completedFuture("fine"));
    assertThat(breaker.circuit("other").state()).isEqualTo(new CircuitState.Closed(0));
  }

  @Test
  void longestUnusedIdleCircuitMakesRoom() {
    InProcessCircuitBreaker small =
        new InProcessCircuitBreaker(CircuitBreakerSettings.defaults(), ticker::get, 3);
    fail(small.circuit("troubled"), 1);
    advance(Duration.ofSeconds(1));
    small.circuit("old").tryAcquire();
    advance(Duration.ofSeconds(1));
    small.circuit("young").tryAcquire();
    advance(Duration.ofSeconds(1));
    small.circuit("new");

    assertThat(small.states()).containsOnlyKeys("troubled", "young", "new");
    assertThat(small.circuit("young")).isSameAs(small.circuit("young"));
    assertThatThrownBy(() -> small.circuit("")).hasMessageContaining("key is ''");
  }

  @Test
  void threadsTogetherOpenItOnceAndLetOneProbeThrough() throws InterruptedException {
    Circuit circuit = breaker.circuit("peer");
    inParallel(() -> circuit.failed(circuit.tryAcquire()));
    assertThat(circuit.state()).isInstanceOf(CircuitState.Open.class);
    advance(OPEN_FOR);
    AtomicInteger probes = new AtomicInteger();
    inParallel(
        () -> {
          if (circuit.tryAcquire() != Circuit.REFUSED) {
            probes.incrementAndGet();
          }
        });
    assertThat(probes).hasValue(1);
  }

  private static void inParallel(Runnable work) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    CountDownLatch start = new CountDownLatch(1);
    for (int i = 0; i < 8; i++) {
      pool.submit(
          () -> {
            start.await();
            work.run();
            return 0;
          });
    }
    start.countDown();
    pool.shutdown();
    assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  private InProcessCircuitBreaker breaker(CircuitBreakerSettings settings) {
    return new InProcessCircuitBreaker(settings, ticker::get, 100);
  }

  private void advance(Duration by) {
    ticker.addAndGet(by.toNanos());
  }

  private static Circuit opened(InProcessCircuitBreaker breaker) {
    Circuit circuit = breaker.circuit("peer");
    fail(circuit, 5);
    return circuit;
  }

  private static void fail(Circuit circuit, int times) {
    for (int i = 0; i < times; i++) {
      circuit.failed(circuit.tryAcquire());
    }
  }
}
