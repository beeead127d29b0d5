package io.datawarehouse.kernel.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.bus.DeliveryLane.Admission;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryLanesTest {

  private static final int KEYS = 200;

  private static final class Item implements DeliveryLane.Delivery {
    private final @Nullable String key;
    private boolean expired;

    Item(@Nullable String key) {
      this.key = key;
    }

    @Override
    public @Nullable String key() {
      return key;
    }

    @Override
    public long weight() {
      return 1;
    }

    @Override
    public boolean expired() {
      return expired;
    }
  }

  private final QueueBudget bytes = new QueueBudget(10_000);

  private DeliveryLanes lanes(int concurrency, int capacity) {
    return new DeliveryLanes(concurrency, capacity, bytes);
  }

  @Test
  void allKeysRunAtOnceWhereNothingLimitsThem() {
    DeliveryLanes lanes = lanes(Integer.MAX_VALUE, 1);
    for (int i = 0; i < KEYS; i++) {
      assertThat(lanes.tryEnter("key-" + i)).isTrue();
      assertThat(lanes.tryEnter("key-" + i)).isFalse();
    }
    assertThat(lanes.tryEnter(null)).isTrue();
    assertThat(lanes.inFlight()).isEqualTo(KEYS + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, Integer.MAX_VALUE})
  void keysShareThePlacesInWhichTheyWait(int concurrency) {
    DeliveryLanes lanes = lanes(concurrency, 3);
    for (String key : List.of("a", "b", "c")) {
      assertThat(lanes.submit(new Item(key))).isEqualTo(Admission.RUN);
      assertThat(lanes.submit(new Item(key))).isEqualTo(Admission.WAITING);
    }
    for (String key : List.of("a", "b", "c")) {
      assertThat(lanes.submit(new Item(key))).isEqualTo(Admission.FULL);
    }
    assertThat(lanes.waiting()).isEqualTo(3);
    assertThat(bytes.taken()).isEqualTo(3);

    assertThat(lanes.leave("b")).isNotNull();
    assertThat(lanes.submit(new Item("a"))).isEqualTo(Admission.WAITING);
    assertThat(lanes.submit(new Item("b"))).isEqualTo(Admission.FULL);
  }

  @Test
  void keysThatWaitGetThePlacesOfOthersWhoGaveUp() {
    DeliveryLanes lanes = lanes(Integer.MAX_VALUE, KEYS);
    List<Item> waiting = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      Item item = new Item("key-" + i);
      waiting.add(item);
      lanes.submit(new Item("key-" + i));
      assertThat(lanes.submit(item)).isEqualTo(Admission.WAITING);
    }
    for (int i = 10; i < 60; i++) {
      assertThat(lanes.submit(new Item("key-7"))).isEqualTo(Admission.FULL);
      waiting.get(i).expired = true;
      assertThat(lanes.submit(new Item("key-7"))).isEqualTo(Admission.WAITING);
    }
    assertThat(lanes.waiting()).isEqualTo(KEYS);
    assertThat(lanes.leave("key-10")).isNull();
    assertThat(lanes.leave("key-60")).isSameAs(waiting.get(60));
  }

  @Test
  void clearedLanesHoldNothing() {
    DeliveryLanes lanes = lanes(Integer.MAX_VALUE, KEYS);
    for (int i = 0; i < KEYS; i++) {
      lanes.submit(new Item("key-" + i));
      lanes.submit(new Item("key-" + i));
    }
    assertThat(lanes.clear()).hasSize(KEYS);
    assertThat(lanes.waiting()).isZero();
    assertThat(bytes.taken()).isZero();
    assertThat(lanes.submit(new Item("key-1"))).isEqualTo(Admission.WAITING);
  }
}
