package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.Aggressiveness;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class HeatJudgeTest {

  private static final HeatRules RULES = rules(Aggressiveness.MODERATE);

  private long now = 1_000;
  private final HeatJudge judge = new HeatJudge(now);
  private int changes;

  static HeatRules rules(Aggressiveness aggressiveness) {
    return new HeatRules(
        true,
        OptionalInt.of(1_000),
        true,
        aggressiveness,
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        10,
        true);
  }

  private void see(double rate, Duration time) {
    see(() -> rate, time, RULES);
  }

  private void see(DoubleSupplier rate, Duration time, HeatRules rules) {
    for (long second = 0; second < time.toSeconds(); second++) {
      now += Duration.ofSeconds(1).toNanos();
      changes += judge.judge(rate.getAsDouble(), rules, now) ? 1 : 0;
    }
  }

  @Test
  void heatsWhenItWasOverTheThresholdForAWindow() {
    see(1_500, Duration.ofMinutes(5).minusSeconds(1));
    assertThat(judge.hot()).isFalse();
    assertThat(judge.turning()).isTrue();

    see(1_500, Duration.ofSeconds(1));

    assertThat(judge.hot()).isTrue();
    assertThat(judge.turning()).isFalse();
    assertThat(judge.since()).isEqualTo(now);
  }

  @Test
  void aShortBurstHeatsNothing() {
    for (int i = 0; i < 50; i++) {
      see(100_000, Duration.ofSeconds(30));
      see(100, Duration.ofSeconds(60));
    }

    assertThat(changes).isZero();
  }

  @Test
  void coolsWhenItWasUnderHalfOfTheThresholdForAWindow() {
    see(1_500, Duration.ofMinutes(6));
    see(600, Duration.ofHours(1));
    assertThat(judge.hot()).isTrue();

    see(400, Duration.ofMinutes(5).minusSeconds(1));
    assertThat(judge.hot()).isTrue();
    see(400, Duration.ofSeconds(1));

    assertThat(judge.hot()).isFalse();
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void noiseAroundOneThresholdOrTheOtherDoesNotMakeItFlap() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      for (double middle : new double[] {1_000, 950, 600, 500, 750}) {
        HeatJudge fresh = new HeatJudge(0);
        int flips = 0;
        for (int second = 1; second <= 12 * 3_600; second++) {
          double rate = middle * (1 + 0.3 * random.nextGaussian());
          flips += fresh.judge(rate, RULES, Duration.ofSeconds(second).toNanos()) ? 1 : 0;
        }
        assertThat(flips).as("middle %s, seed %d", middle, seed).isLessThanOrEqualTo(1);
      }
    }
  }

  @Test
  void aggressivenessDecidesHowSoon() {
    for (Aggressiveness each : Aggressiveness.values()) {
      HeatJudge fresh = new HeatJudge(0);
      int second = 0;
      while (!fresh.hot()) {
        second++;
        fresh.judge(2_000, rules(each), Duration.ofSeconds(second).toNanos());
      }
      assertThat(second)
          .as(each.id())
          .isEqualTo(
              switch (each) {
                case CONSERVATIVE -> 600;
                case MODERATE -> 300;
                case AGGRESSIVE, PREDICTIVE -> 30;
              });
    }
  }

  @Test
  void aNewThresholdActsAtOnce() {
    see(1_500, Duration.ofMinutes(6));
    HeatRules off =
        new HeatRules(
            false,
            OptionalInt.of(1_000),
            true,
            Aggressiveness.MODERATE,
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            10,
            true);

    see(() -> 1_500, Duration.ofSeconds(1), off);

    assertThat(judge.hot()).isFalse();
  }

  @Test
  void timeInWhichNobodyLookedDoesNotCount() {
    judge.judge(5_000, RULES, now);
    now += Duration.ofHours(1).toNanos();
    judge.judge(5_000, RULES, now);

    assertThat(judge.hot()).isFalse();
  }

  @Test
  void whatIsForeseenIsHotAndKnowsThatItWasNotReached() {
    assertThat(judge.foresee(now)).isTrue();
    assertThat(judge.foresee(now)).isFalse();
    assertThat(judge.hot()).isTrue();
    assertThat(judge.foreseen()).isTrue();
    assertThat(judge.reached()).isFalse();

    see(1_200, Duration.ofSeconds(1));

    assertThat(judge.reached()).isTrue();
  }
}
