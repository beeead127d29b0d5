package io.datawarehouse.kernel.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinTableTest {

  private static final NodeId A = new NodeId("node-a");
  private static final NodeId B = new NodeId("node-b");
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

  private PinTable table(int mostKeys) {
    return new PinTable(new Stickiness.Pinned(IDLE, mostKeys), nanos::get);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void keyStaysWithTheNodeThatGotItFirst() {
    PinTable table = table(10);
    assertThat(table.find("k")).isNull();

    assertThat(table.keep("k", A)).isEqualTo(A);
    assertThat(table.keep("k", B)).as("it is kept already").isEqualTo(A);
    assertThat(table.find("k")).isEqualTo(A);
    assertThat(table.find("other")).isNull();
  }

  @Test
  void keyIsForgottenWhenNobodyUsedItForTooLong() {
    PinTable table = table(10);
    table.keep("used", A);
    table.keep("idle", A);
    pass(IDLE.minusNanos(1));
    assertThat(table.find("used")).isEqualTo(A);
    pass(Duration.ofNanos(1));

    assertThat(table.find("idle")).isNull();
    assertThat(table.find("used")).isEqualTo(A);
    assertThat(table.keep("idle", B)).isEqualTo(B);
  }

  @Test
  void sweepingMakesRoomOfWhatIsIdle() {
    PinTable table = table(10_000);
    IntStream.range(0, 500).forEach(i -> table.keep("key-" + i, A));
    pass(IDLE.dividedBy(2));
    IntStream.range(0, 100).forEach(i -> table.find("key-" + i));
    pass(IDLE.dividedBy(2));
    assertThat(table.size()).isEqualTo(500);

    table.sweep();

    assertThat(table.size()).isEqualTo(100);
  }

  @Test
  void longestUnusedKeyMakesRoom() {
    PinTable table = table(3);
    for (String key : List.of("a", "b", "c")) {
      table.keep(key, A);
    }
    table.find("a");

    table.keep("d", A);

    assertThat(table.size()).isEqualTo(3);
    assertThat(table.find("b")).as("the longest unused").isNull();
    assertThat(List.of("a", "c", "d")).allMatch(key -> A.equals(table.find(key)));
  }

  @Test
  void largeTableNeverHoldsMoreThanItMay() {
    PinTable table = table(PinTable.LARGE);
    IntStream.range(0, 3 * PinTable.LARGE).forEach(i -> table.keep("key-" + i, A));

    assertThat(table.size()).isBetween(PinTable.LARGE / 2, PinTable.LARGE);
  }

  @Test
  void moveIsMadeOnceAndOnlyFromTheNodeThatKeepsTheKey() {
    PinTable table = table(10);
    table.keep("k", A);
    pass(Duration.ofMinutes(1));

    assertThat(table.move("k", A, B)).isTrue();
    assertThat(table.move("k", A, B)).isFalse();
    assertThat(table.move("unknown", A, B)).isFalse();
    assertThat(table.find("k")).isEqualTo(B);
    assertThat(table.show("k")).contains(new PinTable.Pin(B, nanos.get()));
    assertThat(table.find("unknown")).isNull();
  }

  @Test
  void showingAKeyDoesNotUseIt() {
    PinTable table = table(2);
    table.keep("old", A);
    table.keep("new", A);

    assertThat(table.show("old")).isPresent();
    table.keep("newest", A);
    assertThat(table.show("old")).isEmpty();
    pass(IDLE);
    assertThat(table.show("new")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void whateverHappensItHoldsWhatTheRulesSay(long seed) {
    Random random = new Random(seed);
    PinTable table = table(8);
    Map<String, NodeId> nodes = new HashMap<>();
    Map<String, Long> used = new HashMap<>();
    for (int step = 0; step < 5_000; step++) {
      pass(Duration.ofSeconds(1 + random.nextInt(60)));
      used.values().removeIf(at -> nanos.get() - at >= IDLE.toNanos());
      nodes.keySet().retainAll(used.keySet());
      String key = "key-" + random.nextInt(20);
      NodeId node = random.nextBoolean() ? A : B;
      switch (random.nextInt(3)) {
        case 0 -> {
          if (!nodes.containsKey(key) && nodes.size() == 8) {
            String oldest =
                used.entrySet().stream()
                    .min(Map.Entry.comparingByValue((x, y) -> Long.compare(x - y, 0)))
                    .orElseThrow()
                    .getKey();
            used.remove(oldest);
            nodes.remove(oldest);
          }
          nodes.putIfAbsent(key, node);
          used.put(key, nanos.get());
          assertThat(table.keep(key, node)).as("seed %d", seed).isEqualTo(nodes.get(key));
        }
        case 1 -> {
          assertThat(table.find(key)).as("seed %d", seed).isEqualTo(nodes.get(key));
          used.computeIfPresent(key, (unused, at) -> nanos.get());
        }
        default -> table.sweep();
      }
      assertThat(table.size()).as("seed %d", seed).isLessThanOrEqualTo(8);
    }
  }

  @Test
  void manyThreadsAgreeOnWhoKeepsAKey() {
    PinTable table = table(100_000);
    List<Map<String, NodeId>> seen =
        Crowd.all(
            4,
            Duration.ofSeconds(30),
            thread -> {
              Map<String, NodeId> mine = new HashMap<>();
              for (int i = 0; i < 2_000; i++) {
                String key = "key-" + i;
                mine.put(key, table.keep(key, new NodeId("node-" + thread)));
              }
              return mine;
            });

    assertThat(seen).allSatisfy(mine -> assertThat(mine).isEqualTo(seen.get(0)));
  }

  @Test
  void findingAKeyAllocatesNothing() {
    PinTable table = table(100_000);
    String[] keys = IntStream.range(0, 1_000).mapToObj(i -> "key-" + i).toArray(String[]::new);
    for (String key : keys) {
      table.keep(key, A);
    }

    Allocations.requireNone("find(key)", i -> table.find(keys[i % keys.length]));
  }
}
