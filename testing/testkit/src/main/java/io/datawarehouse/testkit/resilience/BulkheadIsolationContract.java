package io.datawarehouse.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.BulkheadIsolation.Compartment;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a {@link BulkheadIsolation} must do. */
public abstract class BulkheadIsolationContract {

  private static final BulkheadSettings TWO_AND_THREE = new BulkheadSettings(2, 3);
  private static final int THREADS = 6;
  private static final int ROUNDS = 200;

  /** Makes bulkheads whose compartments all have these settings. */
  protected abstract BulkheadIsolation bulkheads(BulkheadSettings settings);

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void callBeyondTheLimitIsRefusedAtOnce() throws Exception {
    BulkheadIsolation bulkheads = bulkheads();
    Compartment pool = filled(bulkheads, "pool");

    assertThatThrownBy(() -> bulkheads.call("pool", () -> "one too many"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
    assertThat(pool.tryEnter()).isFalse();
    pool.leave();
    assertThat(bulkheads.<String>call("pool", () -> "there is room")).isEqualTo("there is room");
  }

  @Test
  void neverMoreAreInsideThanSettingsSay() {
    BulkheadIsolation bulkheads = bulkheads();
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean tooMany = new AtomicBoolean();

    Crowd.all(
        THREADS,
        soon(),
        thread -> {
          for (int i = 0; i < ROUNDS; i++) {
            try {
              bulkheads.call(
                  "pool",
                  () -> {
                    tooMany.compareAndSet(false, inside.incrementAndGet() > 2);
                    Thread.yield();
                    return inside.decrementAndGet();
                  });
            } catch (WarehouseException e) {
              Thread.yield();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          }
          return thread;
        });

    assertThat(tooMany).isFalse();
    BulkheadStatus status = bulkheads.compartment("pool").status();
    assertThat(status.active()).isZero();
    assertThat(status.admitted() + status.refused()).isEqualTo(THREADS * ROUNDS);
  }

  @Test
  void placeIsGivenBackWhateverWayACallEnds() throws Exception {
    BulkheadIsolation bulkheads = bulkheads();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(
              () ->
                  bulkheads.call(
                      "pool",
                      () -> {
                        throw new IOException("failed");
                      }))
          .isInstanceOf(IOException.class);
      CompletionStage<String> thrown =
          bulkheads.callAsync(
              "pool",
              () -> {
                throw new IllegalStateException("the supplier failed");
              });
      assertThat(thrown).failsWithin(soon());
      assertThat(
              bulkheads.callAsync(
                  "pool", () -> CompletableFuture.failedFuture(new IOException("failed"))))
          .failsWithin(soon());
      assertThat(bulkheads.callAsync("pool", () -> CompletableFuture.completedFuture(1)))
          .succeedsWithin(soon());
    }

    Eventually.is(
        "all places are free", soon(), () -> bulkheads.compartment("pool").status().active() == 0);
    assertThat(bulkheads.<String>call("pool", () -> "room")).isEqualTo("room");
  }

  @Test
  void asynchronousCallRunsHereWhereThereIsRoom() {
    BulkheadIsolation bulkheads = bulkheads();
    CompletableFuture<Thread> ranOn = new CompletableFuture<>();

    bulkheads.callAsync(
        "pool",
        () -> {
          ranOn.complete(Thread.currentThread());
          return CompletableFuture.completedFuture(1);
        });

    assertThat(ranOn).isCompletedWithValue(Thread.currentThread());
  }

  @Test
  void placeIsTakenUntilTheStageCompletes() {
    BulkheadIsolation bulkheads = bulkheads();
    CompletableFuture<String> one = new CompletableFuture<>();
    CompletableFuture<String> two = new CompletableFuture<>();
    bulkheads.callAsync("pool", () -> one);
    bulkheads.callAsync("pool", () -> two);

    assertThat(bulkheads.compartment("pool").tryEnter()).isFalse();
    one.complete("done");

    Eventually.is("a place is free", soon(), () -> bulkheads.compartment("pool").tryEnter());
    two.complete("done");
  }

  @Test
  void thoseThatWaitStartInTheOrderInWhichTheyCameAndTheRestIsRefused() {
    BulkheadIsolation bulkheads = bulkheads();
    Compartment pool = filled(bulkheads, "pool");
    List<Integer> started = new CopyOnWriteArrayList<>();
    List<CompletionStage<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      waiting.add(
          bulkheads.callAsync(
              "pool",
              () -> {
                started.add(number);
                return CompletableFuture.completedFuture(number);
              }));
    }
    assertThat(pool.status().waiting()).isEqualTo(3);

    CompletionStage<Integer> refused =
        bulkheads.callAsync("pool", () -> CompletableFuture.completedFuture(3));

    assertThat(Stages.errorOf(refused, soon())).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
    assertThat(started).isEmpty();
    pool.leave();
    for (int i = 0; i < 3; i++) {
      assertThat(Stages.get(waiting.get(i), soon())).isEqualTo(i);
    }
    assertThat(started).containsExactly(0, 1, 2);
    pool.leave();
  }

  @Test
  void oneThatWaitedDoesNotRunOnTheThreadOfTheOneThatLeft() {
    BulkheadIsolation bulkheads = bulkheads();
    Compartment pool = filled(bulkheads, "pool");
    CompletionStage<Thread> waited =
        bulkheads.callAsync(
            "pool", () -> CompletableFuture.completedFuture(Thread.currentThread()));

    pool.leave();

    assertThat(Stages.get(waited, soon())).isNotEqualTo(Thread.currentThread());
    pool.leave();
  }

  @Test
  void poolsAreKeptApart() throws Exception {
    BulkheadIsolation bulkheads = bulkheads();
    filled(bulkheads, "full");

    assertThat(bulkheads.<String>call("other", () -> "room")).isEqualTo("room");
    assertThat(bulkheads.compartment("full")).isSameAs(bulkheads.compartment("full"));
    assertThat(bulkheads.statuses())
        .extracting(BulkheadStatus::pool, BulkheadStatus::active)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("full", 2),
            org.assertj.core.groups.Tuple.tuple("other", 0));
  }

  @Test
  void statusCountsWhatHappened() throws Exception {
    BulkheadIsolation bulkheads = bulkheads();
    bulkheads.call("pool", () -> 1);
    Compartment pool = filled(bulkheads, "pool");
    assertThat(pool.tryEnter()).isFalse();

    BulkheadStatus status = pool.status();

    assertThat(status).isEqualTo(new BulkheadStatus("pool", TWO_AND_THREE, 2, 0, 3, 1));
  }

  @Test
  void poolHasOneToAHundredCharacters() {
    BulkheadIsolation bulkheads = bulkheads();
    assertThat(bulkheads.compartment("p".repeat(100)).tryEnter()).isTrue();
    for (String pool : List.of("", "p".repeat(101))) {
      assertThatThrownBy(() -> bulkheads.compartment(pool))
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT));
    }
  }

  private BulkheadIsolation bulkheads() {
    return bulkheads(TWO_AND_THREE);
  }

  private static Compartment filled(BulkheadIsolation bulkheads, String name) {
    Compartment pool = bulkheads.compartment(name);
    assertThat(pool.tryEnter()).isTrue();
    assertThat(pool.tryEnter()).isTrue();
    return pool;
  }
}
