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
    public long weight() {
      return 0;
    }

    @Override
    public boolean expired() {
      return false;
    }
  }

  /** One that holds bytes, and whose sender can give up. */
  private static final class Heavy implements DeliveryLane.Delivery {
    private final @Nullable String key;
    private final long weight;
    private boolean expired;

    Heavy(@Nullable String key, long weight) {
      this.key = key;
      this.weight = weight;
    }

    @Override
    public @Nullable String key() {
      return key;
    }

    @Override
    public long weight() {
      return weight;
    }

    @Override
    public boolean expired() {
      return expired;
    }
  }

  private final QueueBudget budget = new QueueBudget(100);

  private DeliveryLane lane(int concurrency, int capacity) {
    return new DeliveryLane(concurrency, capacity, budget);
  }

  @Test
  void refusesWhatWouldHoldMoreBytesThanAllLanesMay() {
    DeliveryLane one = lane(1, 10);
    DeliveryLane other = lane(1, 10);
    one.submit(new Heavy(null, 1_000));
    other.submit(new Heavy(null, 1_000));

    assertThat(one.submit(new Heavy(null, 60))).isEqualTo(Admission.WAITING);
    assertThat(other.submit(new Heavy(null, 60))).isEqualTo(Admission.FULL);
    assertThat(other.submit(new Heavy(null, 40))).isEqualTo(Admission.WAITING);
    assertThat(budget.taken()).isEqualTo(100);

    assertThat(one.leave(null)).isNotNull();
    assertThat(other.submit(new Heavy(null, 60))).isEqualTo(Admission.WAITING);
    other.clear();
    assertThat(budget.taken()).isZero();
  }

  @Test
  void givesThePlacesOfThoseWhoGaveUpToOthers() {
    DeliveryLane lane = lane(1, 4);
    lane.submit(new Item("a", 0));
    Heavy readyA = new Heavy("a", 30);
    Heavy readyB = new Heavy("b", 30);
    Heavy behindB = new Heavy("b", 30);
    Heavy lastB = new Heavy("b", 10);
    for (Heavy each : List.of(readyA, readyB, behindB, lastB)) {
      assertThat(lane.submit(each)).isEqualTo(Admission.WAITING);
    }
    assertThat(lane.submit(new Item("c", 1))).isEqualTo(Admission.FULL);

    readyB.expired = true;
    behindB.expired = true;
    assertThat(lane.submit(new Item("c", 1))).isEqualTo(Admission.WAITING);

    assertThat(budget.taken()).isEqualTo(40);
    assertThat(lane.leave("a")).isSameAs(lastB);
    assertThat(lane.leave("b")).isEqualTo(new Item("c", 1));
    assertThat(lane.leave("c")).isSameAs(readyA);
    assertThat(lane.leave("a")).isNull();
    assertThat(lane.inFlight()).isZero();
    assertThat(lane.tryEnter("b")).isTrue();
  }

  @Test
  void admitsUpToItsConcurrencyThenLetsWaitThenRefuses() {
    DeliveryLane lane = lane(2, 1);

    assertThat(lane.submit(new Item(null, 1))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item(null, 2))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item(null, 3))).isEqualTo(Admission.WAITING);
    assertThat(lane.submit(new Item(null, 4))).isEqualTo(Admission.FULL);
    assertThat(lane.inFlight()).isEqualTo(3);
  }

  @Test
  void handsOutWhatWaitsInOrderOfArrival() {
    DeliveryLane lane = lane(1, 10);
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
    DeliveryLane lane = lane(10, 10);
    assertThat(lane.submit(new Item("a", 1))).isEqualTo(Admission.RUN);
    assertThat(lane.submit(new Item("a", 2))).isEqualTo(Admission.WAITING);
    assertThat(lane.submit(new Item("b", 3))).isEqualTo(Admission.RUN);
    assertThat(lane.tryEnter("a")).isFalse();

    assertThat(lane.leave("a")).isEqualTo(new Item("a", 2));
  }

  @Test
  void nobodyOvertakesThroughTryEnter() {
    DeliveryLane lane = lane(1, 10);
    lane.submit(new Item("a", 1));
    lane.submit(new Item("b", 2));

    assertThat(lane.tryEnter("c")).isFalse();
    assertThat(lane.leave("a")).isEqualTo(new Item("b", 2));
    assertThat(lane.leave("b")).isNull();
    assertThat(lane.tryEnter("c")).isTrue();
  }

  @Test
  void clearGivesBackAllThatWaitsAndKeepsWhatRuns() {
    DeliveryLane lane = lane(1, 10);
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
    DeliveryLane lane = lane(concurrency, capacity);
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
