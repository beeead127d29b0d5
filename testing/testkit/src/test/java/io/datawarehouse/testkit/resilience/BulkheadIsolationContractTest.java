package io.datawarehouse.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract against sound bulkheads, and what it notices of broken ones. */
class BulkheadIsolationContractTest {

  private static BiFunction<BulkheadSettings, Executor, BulkheadIsolation> maker =
      SampleBulkheads::new;

  static class OfBroken extends BulkheadIsolationContract {
    private final ExecutorService executor = Executors.newSingleThreadExecutor();

    @Override
    protected BulkheadIsolation bulkheads(BulkheadSettings settings) {
      return maker.apply(settings, executor);
    }

    /** What never comes is not waited for as long as what is only late. */
    @Override
    protected Duration soon() {
      return Duration.ofSeconds(1);
    }

    @AfterEach
    void end() {
      executor.shutdownNow();
    }
  }

  @Nested
  class OfSample extends BulkheadIsolationContract {
    private final ExecutorService executor = Executors.newSingleThreadExecutor();

    @Override
    protected BulkheadIsolation bulkheads(BulkheadSettings settings) {
      return new SampleBulkheads(settings, executor);
    }

    @AfterEach
    void end() {
      executor.shutdownNow();
    }
  }

  @Test
  void oneTooManyIsNoticed() {
    assertThat(
            failures(
                (settings, executor) ->
                    new SampleBulkheads(settings, executor) {
                      @Override
                      boolean room(int active) {
                        return active <= settings.concurrency();
                      }
                    }))
        .contains("callBeyondTheLimitIsRefusedAtOnce", "statusCountsWhatHappened");
  }

  @Test
  void lastThatStartsFirstIsNoticed() {
    assertThat(
            failures(
                (settings, executor) ->
                    new SampleBulkheads(settings, executor) {
                      @Override
                      Runnable next(Deque<Runnable> queue) {
                        return queue.pollLast();
                      }
                    }))
        .containsExactly("thoseThatWaitStartInTheOrderInWhichTheyCameAndTheRestIsRefused");
  }

  @Test
  void placeThatIsLostIsNoticed() {
    assertThat(
            failures(
                (settings, executor) ->
                    new SampleBulkheads(settings, executor) {
                      @Override
                      boolean givesBackAfterFailure() {
                        return false;
                      }
                    }))
        .containsExactly("placeIsGivenBackWhateverWayACallEnds");
  }

  @Test
  void runningOnTheThreadOfAnotherIsNoticed() {
    assertThat(failures((settings, executor) -> new SampleBulkheads(settings, Runnable::run)))
        .containsExactly("oneThatWaitedDoesNotRunOnTheThreadOfTheOneThatLeft");
  }

  private static Set<String> failures(
      BiFunction<BulkheadSettings, Executor, BulkheadIsolation> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
