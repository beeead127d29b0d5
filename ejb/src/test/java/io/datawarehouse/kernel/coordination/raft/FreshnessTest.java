package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class FreshnessTest {

  private final Freshness freshness = new Freshness();

  @Test
  void nothingIsKnownBeforeALeaderIsHeard() {
    assertThat(freshness.asOf(7)).isEqualTo(OptionalLong.empty());
  }

  @Test
  void aCopyIsAsOfThenOnceItHasAppliedWhatWasAgreedOnThen() {
    freshness.learn(10, 1_000, 8);
    assertThat(freshness.asOf(9)).isEqualTo(OptionalLong.empty());

    assertThat(freshness.asOf(10)).hasValue(1_000);
  }

  @Test
  void aCopyThatFollowsAtADistanceBecomesFresherAllTheSame() {
    freshness.learn(10, 1_000, 5);
    freshness.learn(20, 2_000, 9);
    freshness.learn(30, 3_000, 19);
    assertThat(freshness.asOf(19)).hasValue(1_000);

    assertThat(freshness.asOf(30)).hasValue(3_000);
  }

  @Test
  void lateNewsDoNotMakeItOlder() {
    freshness.learn(10, 2_000, 10);
    freshness.learn(9, 1_000, 10);

    assertThat(freshness.asOf(10)).hasValue(2_000);
  }
}
