package io.datawarehouse.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract against a sound breaker, and what it notices of broken ones. */
class CircuitBreakerContractTest {

  /** Makes a broken breaker. */
  private interface Maker {
    CircuitBreaker make(CircuitBreakerSettings settings, int most, LongSupplier ticker);
  }

  private static Maker maker = SampleBreaker::new;

  static class OfBroken extends CircuitBreakerContract {
    private final AtomicLong ticker = new AtomicLong();

    @Override
    protected CircuitBreaker breaker(CircuitBreakerSettings settings, int mostCircuits) {
      return maker.make(settings, mostCircuits, ticker::get);
    }

    @Override
    protected void advance(Duration by) {
      ticker.addAndGet(by.toNanos());
    }
  }

  @Nested
  class OfSample extends CircuitBreakerContract {
    private final AtomicLong ticker = new AtomicLong();

    @Override
    protected CircuitBreaker breaker(CircuitBreakerSettings settings, int mostCircuits) {
      return new SampleBreaker(settings, mostCircuits, ticker::get);
    }

    @Override
    protected void advance(Duration by) {
      ticker.addAndGet(by.toNanos());
    }
  }

  @Test
  void tooManyProbesAreNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(settings, most, ticker) {
                      @Override
                      int probes() {
                        return 100;
                      }
                    }))
        .contains(
            "noMoreProbesGoThroughThanSettingsSayAndAsManySuccessesCloseIt",
            "manyThreadsGetNoMoreProbesThanSettingsSay");
  }

  @Test
  void oneProbeThatIsTakenForAllIsNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(
                        new CircuitBreakerSettings(settings.failures(), settings.openFor(), 1),
                        most,
                        ticker)))
        .contains("noMoreProbesGoThroughThanSettingsSayAndAsManySuccessesCloseIt");
  }

  @Test
  void lateOutcomesThatCountAreNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(settings, most, ticker) {
                      @Override
                      boolean isOfNow(long ticket, long epoch) {
                        return true;
                      }
                    }))
        .contains("outcomeOfACallFromBeforeTheLastChangeIsIgnored");
  }

  @Test
  void refusalThatCountsAsFailureIsNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(settings, most, ticker) {
                      @Override
                      boolean counts(Throwable thrown) {
                        return true;
                      }
                    }))
        .containsExactly("refusalOfTheOtherSideIsNoFailure");
  }

  @Test
  void circuitsWithoutBoundAreNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(settings, most, ticker) {
                      @Override
                      void dropOne() {}
                    }))
        .containsExactly("numberOfCircuitsIsBoundedAndTheLongestUnusedClosedOneGoes");
  }

  @Test
  void oneFailureTooFewIsNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) ->
                    new SampleBreaker(
                        new CircuitBreakerSettings(
                            settings.failures() - 1, settings.openFor(), settings.probes()),
                        most,
                        ticker)))
        .contains("opensAfterThatManyFailuresInARowAndNotBefore");
  }

  @Test
  void clockOfItsOwnIsNoticed() {
    assertThat(
            failures(
                (settings, most, ticker) -> new SampleBreaker(settings, most, System::nanoTime)))
        .contains("beingRefusedDoesNotKeepItOpenLonger", "failedProbeOpensItAgainForTheWholeTime");
  }

  private static Set<String> failures(Maker broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
