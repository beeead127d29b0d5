package io.datawarehouse.kernel.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.plugin.PluginId;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedExecutorTest {

  private final SharedExecutor shared = new SharedExecutor(2, 10, Thread::new);
  private final PluginExecutor one = executor("one");
  private final PluginExecutor two = executor("two");

  @AfterEach
  void end() {
    shared.shutdownNow();
  }

  @Test
  void tasksRunAndGiveTheirValues() throws Exception {
    assertThat(one.submit(() -> "value").get()).isEqualTo("value");
    assertThat(one.schedule(() -> "later", 1, TimeUnit.MILLISECONDS).get()).isEqualTo("later");
    CountDownLatch ran = new CountDownLatch(1);
    one.execute(ran::countDown);
    ran.await();
  }

  @Test
  void failureReachesWhoWaitsForIt() {
    Future<?> future =
        one.submit(
            () -> {
              throw new IllegalStateException("broken");
            });

    assertThatThrownBy(future::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("broken");
  }

  @Test
  void tasksThatAreDueTogetherKeepTheirOrder() throws Exception {
    SharedExecutor single = new SharedExecutor(1, 1000, Thread::new);
    try {
      PluginExecutor executor =
          new PluginExecutor(new PluginId("p"), single, System.getLogger("test"));
      List<Integer> order = new CopyOnWriteArrayList<>();
      CountDownLatch begin = new CountDownLatch(1);
      executor.execute(() -> awaitQuietly(begin));
      for (int i = 0; i < 100; i++) {
        int number = i;
        executor.execute(() -> order.add(number));
      }
      begin.countDown();
      executor.submit(() -> {}).get();

      assertThat(order).hasSize(100).isSorted();
    } finally {
      single.shutdownNow();
    }
  }

  @Test
  void endingOnePluginInterruptsItsTasksAndLeavesTheOthers() throws Exception {
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Future<?> ofOne = one.submit(() -> hang(running, interrupted));
    Future<String> ofTwo =
        two.submit(
            () -> {
              running.countDown();
              release.await();
              return "done";
            });
    running.await();

    one.shutdownNow();

    interrupted.await();
    assertThatThrownBy(ofOne::get).isInstanceOf(CancellationException.class);
    release.countDown();
    assertThat(ofTwo.get()).isEqualTo("done");
    assertThat(one.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endingAPluginDropsWhatWaitsAndTellsWhoWaitsForIt() throws Exception {
    Future<?> later = one.schedule(() -> {}, 1, TimeUnit.DAYS);
    Future<?> repeated = one.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.DAYS);
    CountDownLatch busy = new CountDownLatch(1);
    two.execute(() -> awaitQuietly(busy));
    two.execute(() -> awaitQuietly(busy));
    Future<String> waiting = one.submit(() -> "never");

    one.shutdownNow();

    for (Future<?> future : List.of(later, repeated, waiting)) {
      assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    }
    busy.countDown();
    two.submit(() -> {}).get();
    assertThat(shared.getQueue()).isEmpty();
    assertThat(one.isTerminated()).isTrue();
  }

  @Test
  void endedPluginGetsNoMoreThreads() {
    one.shutdown();

    assertThatThrownBy(() -> one.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("plugin one");
    assertThat(shared.isShutdown()).isFalse();
    assertThat(two.isShutdown()).isFalse();
  }

  @Test
  void cancelledTaskLeavesTheQueue() {
    ScheduledFuture<?> future = one.schedule(() -> {}, 1, TimeUnit.DAYS);

    assertThat(future.cancel(false)).isTrue();

    assertThat(shared.getQueue()).isEmpty();
  }

  @Test
  void queueIsBounded() {
    for (int i = 0; i < 10; i++) {
      one.schedule(() -> {}, 1, TimeUnit.DAYS);
    }

    assertThatThrownBy(() -> one.schedule(() -> {}, 1, TimeUnit.DAYS))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("10 tasks wait");
  }

  @Test
  void repeatedTaskRepeats() throws Exception {
    CountDownLatch three = new CountDownLatch(3);
    AtomicInteger runs = new AtomicInteger();
    Future<?> fixedRate =
        one.scheduleAtFixedRate(
            () -> {
              runs.incrementAndGet();
              three.countDown();
            },
            0,
            1,
            TimeUnit.MILLISECONDS);
    three.await();
    fixedRate.cancel(false);

    assertThat(runs.get()).isGreaterThanOrEqualTo(3);
  }

  private PluginExecutor executor(String id) {
    return new PluginExecutor(new PluginId(id), shared, System.getLogger("test"));
  }

  private static void hang(CountDownLatch running, CountDownLatch interrupted) {
    running.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
