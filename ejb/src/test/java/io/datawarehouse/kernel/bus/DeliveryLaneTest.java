package io.datawarehouse.kernel.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.bus.DeliveryLane.Admission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryLaneTest {

  private record Item(@Nullable String key, int number) implements DeliveryLane.Delivery {
    @Override
    public void run() {
      throw new AssertionError("a lane runs nothing");
    }
  }

  @Test
  void admitsUpToItsConcurrencyThenLetsWaitThenRefuses() {
    DeliveryLane lane = new DeliveryLane(2, 1);

    assertThat(lane.submit(new Item(null, 1))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item(null, 2))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item(null, 3))).isEqualTo(Admission.WAITING);
    assertThat(lane.submit(new Item(null, 4))).isEqualTo(Admission.FULL);
    assertThat(lane.inFlight()).isEqualTo(3);
  }

  @Test
  void handsOutWhatWaitsInOrderOfArrival() {
    DeliveryLane lane = new DeliveryLane(1, 10);
    lane.submit(new Item(null, 1));
    lane.submit(new Item("a", 2));
    lane.submit(new Item("b", 3));

    assertThat(lane.leave(null)).isEqualTo(new Item("a", 2));
    assertThat(lane.leave("a")).isEqualTo(new Item("b", 3));
    assertThat(lane.leave("b")).isNull();
    assertThat(lane.inFlight()).isZero();
  }

  @Test
  void sameKeyWaitsWhileAnotherKeyRuns() {
    DeliveryLane lane = new DeliveryLane(10, 10);
    assertThat(lane.submit(new Item("a", 1))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item("a", 2))).isEqualTo(Admission.WAITING);
    assertThat(lane.submit(new Item("b", 3))).isEqualTo(Admission.RUN);
    assertThat(lane.tryEnter("a")).isFalse();

    assertThat(lane.leave("a")).isEqualTo(new Item("a", 2));
  }

  @Test
  void nobodyOvertakesThroughTryEnter() {
    DeliveryLane lane = new DeliveryLane(1, 10);
    lane.submit(new Item("a", 1));
    lane.submit(new Item("b", 2));

    assertThat(lane.tryEnter("c")).isFalse();
    assertThat(lane.leave("a")).isEqualTo(new Item("b", 2));
    assertThat(lane.leave("b")).isNull();
    assertThat(lane.tryEnter("c")).isTrue();
  }

  @Test
  void clearGivesBackAllThatWaitsAndKeepsWhatRuns() {
    DeliveryLane lane = new DeliveryLane(1, 10);
    lane.submit(new Item("a", 1));
    lane.submit(new Item("a", 2));
    lane.submit(new Item("b", 3));
    lane.submit(new Item("b", 4));

    assertThat(lane.clear())
        .containsExactlyInAnyOrder(new Item("a", 2), new Item("b", 3), new Item("b", 4));
    assertThat(lane.inFlight()).isEqualTo(1);
    assertThat(lane.submit(new Item("a", 5))).isEqualTo(Admission.WAITING);
    assertThat(lane.leave("a")).isEqualTo(new Item("a", 5));
  }

  /** Random use against the three promises: concurrency, one per key, order per key. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void keepsItsPromisesUnderRandomUse(long seed) {
    Random random = new Random(seed);
    int concurrency = 1 + random.nextInt(4);
    int capacity = random.nextInt(20);
    DeliveryLane lane = new DeliveryLane(concurrency, capacity);
    List<Item> running = new ArrayList<>();
    Map<String, ArrayDeque<Integer>> expected = new HashMap<>();
    int accepted = 0;
    int done = 0;
    for (int step = 0; step < 20_000; step++) {
      if (random.nextBoolean()) {
        String key = random.nextInt(5) == 0 ? null : "key-" + random.nextInt(4);
        Item item = new Item(key, step);
        Admission admission = lane.submit(item);
        if (admission != Admission.FULL) {
          accepted++;
          if (key != null) {
            expected.computeIfAbsent(key, k -> new ArrayDeque<>()).add(step);
          }
        }
        if (admission == Admission.RUN) {
          start(item, running, expected, seed);
        }
        if (admission == Admission.FULL) {
          assertThat(lane.inFlight() - running.size())
              .as("refused only when full, seed %s", seed)
              .isEqualTo(capacity);
        }
      } else if (!running.isEmpty()) {
        Item ended = running.remove(random.nextInt(running.size()));
        done++;
        Item next = (Item) lane.leave(ended.key());
        if (next != null) {
          start(next, running, expected, seed);
        }
      }
      assertThat(running.size()).as("seed %s", seed).isLessThanOrEqualTo(concurrency);
      Set<String> keys = new HashSet<>();
      for (Item item : running) {
        assertThat(item.key() == null || keys.add(item.key())).as("seed %s", seed).isTrue();
      }
      assertThat(lane.inFlight()).as("seed %s", seed).isEqualTo(accepted - done);
    }
    while (!running.isEmpty()) {
      Item next = (Item) lane.leave(running.remove(0).key());
      done++;
      if (next != null) {
        start(next, running, expected, seed);
      }
    }
    assertThat(done).as("nothing is lost, seed %s", seed).isEqualTo(accepted);
  }

  private static void start(
      Item item, List<Item> running, Map<String, ArrayDeque<Integer>> expected, long seed) {
    if (item.key() != null) {
      assertThat(item.number())
          .as("order of %s, seed %s", item.key(), seed)
          .isEqualTo(expected.get(item.key()).remove());
    }
    running.add(item);
  }
}
