package io.datawarehouse.kernel.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.resilience.BulkheadIsolation.Compartment;
import io.datawarehouse.sdk.resilience.BulkheadSettings;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InProcessBulkheadsTest {

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final InProcessBulkheads bulkheads =
      new InProcessBulkheads(pool -> new BulkheadSettings(2, 2), tasks::add);

  @Test
  void callsBeyondTheLimitAreRefusedAtOnce() throws Exception {
    Compartment pool = bulkheads.compartment("copies");
    assertThat(pool.tryEnter()).isTrue();

    assertThat(bulkheads.call("copies", () -> "second")).isEqualTo("second");
    assertThat(pool.tryEnter()).isTrue();
    assertThatThrownBy(() -> bulkheads.call("copies", () -> "third"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
              assertThat(e).hasMessageContaining("'copies'").hasMessageContaining("2 at a time");
            });
    assertThat(bulkheads.call("other", () -> "pools are kept apart")).isNotEmpty();
    pool.leave();
    assertThat(bulkheads.call("copies", () -> "again")).isEqualTo("again");
    assertThat(bulkheads.statuses())
        .containsExactly(
            new BulkheadStatus("copies", new BulkheadSettings(2, 2), 1, 0, 4, 1),
            new BulkheadStatus("other", new BulkheadSettings(2, 2), 0, 0, 1, 0));
  }

  @Test
  void placeIsGivenBackWhateverWayACallEnds() {
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(
              () ->
                  bulkheads.call(
                      "copies",
                      () -> {
                        throw new IllegalStateException("failed");
                      }))
          .hasMessage("failed");
      CompletionStage<String> thrown =
          bulkheads.callAsync(
              "copies",
              () -> {
                throw new IllegalStateException("failed");
              });
      assertThat(thrown.toCompletableFuture()).isCompletedExceptionally();
      bulkheads.callAsync(
          "copies", () -> CompletableFuture.failedFuture(new IllegalStateException()));
    }
    assertThat(bulkheads.compartment("copies").status().active()).isZero();
  }

  @Test
  void asynchronousCallsWaitInOrderAndTheRestIsRefused() {
    List<CompletableFuture<String>> running = new ArrayList<>();
    List<CompletionStage<String>> stages = new ArrayList<>();
    List<Integer> begun = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      CompletableFuture<String> work = new CompletableFuture<>();
      running.add(work);
      stages.add(
          bulkheads.callAsync(
              "copies",
              () -> {
                begun.add(number);
                return work;
              }));
    }
    assertThat(begun).containsExactly(0, 1);
    assertThat(stages.get(4).toCompletableFuture()).isCompletedExceptionally();
    assertThat(bulkheads.compartment("copies").status().waiting()).isEqualTo(2);
    assertThat(bulkheads.compartment("copies").tryEnter()).as("nobody overtakes").isFalse();

    running.get(1).complete("one");
    assertThat(begun).as("started on the executor").containsExactly(0, 1);
    runTasks();
    running.get(0).completeExceptionally(new IllegalStateException());
    runTasks();

    assertThat(begun).containsExactly(0, 1, 2, 3);
    running.get(2).complete("two");
    running.get(3).complete("three");
    assertThat(stages.get(3).toCompletableFuture()).isCompletedWithValue("three");
    assertThat(bulkheads.compartment("copies").status())
        .extracting(BulkheadStatus::active, BulkheadStatus::waiting, BulkheadStatus::admitted)
        .containsExactly(0, 0, 4L);
  }

  @Test
  void whoHearsOfTheEndFindsThePlaceFree() {
    CompletableFuture<String> work = new CompletableFuture<>();
    AtomicInteger activeAtTheEnd = new AtomicInteger(-1);
    CompletionStage<Void> ended =
        bulkheads
            .callAsync("copies", () -> work)
            .thenAccept(
                value -> activeAtTheEnd.set(bulkheads.compartment("copies").status().active()));
    work.complete("done");

    assertThat(ended.toCompletableFuture()).isCompleted();
    assertThat(activeAtTheEnd).hasValue(0);
  }

  @Test
  void fullExecutorFailsThoseWhoWaitAndLosesNoPlace() {
    InProcessBulkheads stuck =
        new InProcessBulkheads(
            pool -> new BulkheadSettings(1, 2),
            task -> {
              throw new RejectedExecutionException("no thread");
            });
    CompletableFuture<String> work = new CompletableFuture<>();
    stuck.callAsync("copies", () -> work);
    CompletionStage<String> second = stuck.callAsync("copies", () -> work);
    CompletionStage<String> third = stuck.callAsync("copies", () -> work);
    work.complete("done");

    assertThat(second.toCompletableFuture()).isCompletedExceptionally();
    assertThat(third.toCompletableFuture()).isCompletedExceptionally();
    assertThat(stuck.compartment("copies").status().active()).isZero();
  }

  @Test
  void leavingWithoutHavingEnteredIsAMistake() {
    assertThatThrownBy(() -> bulkheads.compartment("copies").leave())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("copies");
    assertThatThrownBy(() -> bulkheads.compartment("")).hasMessageContaining("pool is ''");
  }

  @Test
  void neverMoreInsideThanTheLimitWithManyThreads() throws InterruptedException {
    Compartment pool = bulkheads.compartment("copies");
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    CountDownLatch start = new CountDownLatch(1);
    for (int t = 0; t < 6; t++) {
      threads.submit(
          () -> {
            start.await();
            for (int i = 0; i < 500; i++) {
              if (pool.tryEnter()) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.yield();
                inside.decrementAndGet();
                pool.leave();
              }
            }
            return 0;
          });
    }
    start.countDown();
    threads.shutdown();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

    assertThat(most.get()).isBetween(1, 2);
    assertThat(pool.status().active()).isZero();
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
