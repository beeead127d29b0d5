package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CopyBudgetTest {

  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final AtomicLong nanos = new AtomicLong();
  private final CopyBudget budget = new CopyBudget(nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void whatIsTakenComesBackEvenly() {
    budget.limit(1_000, INTERVAL);
    assertThat(budget.take(1_000)).isTrue();
    assertThat(budget.take(1)).isFalse();

    pass(Duration.ofMinutes(1));

    assertThat(budget.left()).isEqualTo(100);
    assertThat(budget.take(101)).isFalse();
    assertThat(budget.take(100)).isTrue();
    pass(Duration.ofHours(5));
    assertThat(budget.left()).isEqualTo(1_000);
  }

  @Test
  void aLimitThatGoesDownAndUpAgainGivesNothingBack() {
    budget.limit(1_000, INTERVAL);
    assertThat(budget.take(900)).isTrue();

    for (int i = 0; i < 10; i++) {
      budget.limit(10, INTERVAL);
      assertThat(budget.left()).isZero();
      budget.limit(1_000, INTERVAL);
    }

    assertThat(budget.left()).isEqualTo(100);
  }

  @Test
  void aLimitThatGrowsIsThereAtOnce() {
    budget.limit(1_000, INTERVAL);
    assertThat(budget.take(1_000)).isTrue();

    budget.limit(3_000, INTERVAL);

    assertThat(budget.left()).isEqualTo(2_000);
  }
}
