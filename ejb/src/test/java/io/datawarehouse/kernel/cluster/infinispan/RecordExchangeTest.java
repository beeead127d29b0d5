package io.datawarehouse.kernel.cluster.infinispan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordExchangeTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final Set<NodeId> BOTH = Set.of(A, B);

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "exchange");
            thread.setDaemon(true);
            return thread;
          });
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final RecordExchange exchange = new RecordExchange(A, 7, executor, metrics);
  private final FakeCache cache = new FakeCache();

  @AfterEach
  void close() {
    executor.shutdownNow();
  }

  /** A cache that keeps everything, and answers when it is told to. */
  private static final class FakeCache implements RecordCache {
    final Map<String, String> entries = new ConcurrentHashMap<>();
    final List<String> puts = new CopyOnWriteArrayList<>();
    final Queue<CompletableFuture<Void>> unanswered = new ArrayDeque<>();
    volatile boolean holding;
    volatile boolean failing;

    @Override
    public CompletionStage<?> put(String key, String value) {
      puts.add(key + "=" + value);
      if (failing) {
        return CompletableFuture.failedFuture(new IllegalStateException("no"));
      }
      entries.put(key, value);
      CompletableFuture<Void> answer = new CompletableFuture<>();
      if (holding) {
        synchronized (unanswered) {
          unanswered.add(answer);
        }
      } else {
        answer.complete(null);
      }
      return answer;
    }

    void answerAll() {
      holding = false;
      List<CompletableFuture<Void>> answers;
      synchronized (unanswered) {
        answers = new ArrayList<>(unanswered);
        unanswered.clear();
      }
      answers.forEach(answer -> answer.complete(null));
    }

    @Override
    public CompletionStage<?> remove(String key) {
      entries.remove(key);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public Map<String, String> local() {
      return new HashMap<>(entries);
    }
  }

  @Test
  void recordIsKnownHereAtOnceAndSentWhenThereIsACluster() {
    exchange.registry("subscriptions").publish("one");
    assertThat(exchange.registry("subscriptions").snapshot()).containsEntry(A, "one");

    exchange.attach(cache);

    awaitEntry("subscriptions/a", "7:1\none");
  }

  @Test
  void manyRecordsAreSentOneAtATimeAndTheNewestLast() {
    exchange.attach(cache);
    cache.holding = true;
    for (int i = 1; i <= 100; i++) {
      exchange.registry("r").publish("v" + i);
    }
    await().until(() -> !cache.puts.isEmpty());
    drain();
    assertThat(cache.puts).hasSize(1);

    cache.answerAll();

    awaitEntry("r/a", "7:100\nv100");
    assertThat(cache.puts).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void failedSendingIsTriedAgain() {
    cache.failing = true;
    exchange.attach(cache);
    exchange.registry("r").publish("v");
    await().until(() -> !cache.puts.isEmpty());

    cache.failing = false;

    awaitEntry("r/a", "7:1\nv");
  }

  @Test
  void olderRecordNeverTakesThePlaceOfANewerOne() {
    exchange.receive("r/b", "3:9\nnew");
    exchange.receive("r/b", "3:8\nold");
    exchange.receive("r/b", "2:99\nof an earlier run");

    assertThat(exchange.registry("r").snapshot()).containsExactly(Map.entry(B, "new"));
  }

  @Test
  void recordsInAnyOrderEndInTheNewest() {
    List<String> values = new ArrayList<>();
    for (int run = 1; run <= 3; run++) {
      for (int count = 1; count <= 20; count++) {
        values.add(run + ":" + count + "\n" + run + "/" + count);
      }
    }
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(values, new java.util.Random(seed));
      RecordExchange other = new RecordExchange(A, 7, executor, metrics);
      values.forEach(value -> other.receive("r/b", value));
      assertThat(other.registry("r").snapshot()).as("seed %s", seed).containsEntry(B, "3/20");
    }
  }

  @Test
  void ownRecordIsNotTakenFromOthers() {
    exchange.registry("r").publish("mine");

    exchange.receive("r/a", "6:50\nof a run before");
    exchange.receive("r/a", "8:1\nof somebody else");

    assertThat(exchange.registry("r").snapshot()).containsEntry(A, "mine");
    assertThat(exchange.laterRun()).isEqualTo(8);
  }

  @Test
  void whatIsNoRecordIsPassedOver() {
    exchange.receive("r/b", "no version");
    exchange.receive("no registry", "1:1\nx");
    exchange.receive("r/not a node", "1:1\nx");
    exchange.receive("r/b", "x:1\nx");

    assertThat(exchange.registry("r").snapshot()).isEmpty();
  }

  @Test
  void listenersHearOfOwnAndOthersRecordsOnce() {
    List<NodeId> heard = new CopyOnWriteArrayList<>();
    var watch = exchange.registry("r").watch(heard::add);
    exchange.registry("r").publish("mine");
    exchange.receive("r/b", "1:1\nx");
    exchange.receive("r/b", "1:1\nx");
    watch.close();
    exchange.receive("r/b", "1:2\ny");

    assertThat(heard).containsExactly(A, B);
  }

  @Test
  void recordThatIsTooLongIsRefused() {
    assertThatThrownBy(
            () -> exchange.registry("r").publish("x".repeat(ReplicatedRecords.LONGEST + 1)))
        .isInstanceOf(WarehouseException.class);
    exchange.registry("r").publish("x".repeat(ReplicatedRecords.LONGEST));
  }

  @Test
  void auditSendsAgainWhatTheCacheLost() {
    exchange.attach(cache);
    exchange.registry("r").publish("mine");
    awaitEntry("r/a", "7:1\nmine");

    cache.entries.clear();
    audit();

    awaitEntry("r/a", "7:1\nmine");
    assertThat(metrics.count("cluster.records.mended")).isPositive();
  }

  @Test
  void auditSendsAgainWhatAnotherNodeDoesNotHold() {
    exchange.attach(cache);
    exchange.registry("r").publish("mine");
    exchange.receive("audit/b", "1:1\n{\"r\":\"something else\"}");
    awaitEntry("r/a", "7:1\nmine");
    int before = cache.puts.size();

    audit();
    audit();
    audit();

    await()
        .until(() -> cache.puts.stream().skip(before).anyMatch(put -> put.startsWith("r/a=7:1")));
  }

  @Test
  void auditIsQuietWhereAllHoldTheSame() {
    exchange.attach(cache);
    exchange.registry("r").publish("mine");
    audit();
    drain();
    String own = exchange.registry("audit").snapshot().get(A);
    exchange.receive("audit/b", "1:1\n" + own);
    int before = cache.puts.size();

    audit();
    audit();
    audit();
    drain();

    assertThat(cache.puts).hasSize(before);
    assertThat(metrics.count("cluster.records.mended")).isZero();
  }

  @Test
  void nodeThatIsNotThereDisturbsNoAudit() {
    exchange.attach(cache);
    exchange.registry("r").publish("mine");
    exchange.receive("audit/gone", "1:1\n{\"r\":\"something else\"}");
    exchange.receive("r/gone", "1:1\nits record");

    audit();
    audit();
    audit();

    assertThat(metrics.count("cluster.records.mended")).isZero();
  }

  @Test
  void anotherRunSaysItsRecordsAsItsOwn() {
    exchange.registry("r").publish("one");
    exchange.registry("r").publish("two");

    exchange.runAs(9);
    exchange.attach(cache);

    awaitEntry("r/a", "9:1\ntwo");
    exchange.registry("r").publish("three");
    awaitEntry("r/a", "9:2\nthree");
  }

  @Test
  void forgottenNodeIsDroppedHereAndByTheLeaderEverywhere() {
    exchange.attach(cache);
    cache.entries.put("r/b", "1:1\nx");
    exchange.receive("r/b", "1:1\nx");

    exchange.forget(Set.of(B), true);

    assertThat(exchange.registry("r").snapshot()).isEmpty();
    assertThat(cache.entries).doesNotContainKey("r/b");
  }

  private void audit() {
    try {
      executor.submit(() -> exchange.audit(BOTH)).get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the executor has nothing to do. */
  private void drain() {
    try {
      executor.submit(() -> {}).get();
      executor.submit(() -> {}).get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitEntry(String key, String value) {
    await().atMost(Duration.ofMinutes(2)).until(() -> value.equals(cache.entries.get(key)));
  }
}
