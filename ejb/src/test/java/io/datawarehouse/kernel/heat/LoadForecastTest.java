package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Loads of which the figures follow a rule and chance, and what is foreseen of them. */
class LoadForecastTest {

  private static final double THRESHOLD = 1_000;
  private static final int SEEDS = 50;

  private final LoadForecast forecast = new LoadForecast();

  /** Returns at which figure the load is foreseen first; -1 where it never is. */
  private int foreseenAt(LoadForecast by, int figures, IntToDoubleFunction load) {
    for (int i = 0; i < figures; i++) {
      by.add(Math.max(0, load.applyAsDouble(i)));
      if (by.foresees(THRESHOLD)) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void aRampIsForeseenBeforeItReachesTheThreshold() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      // Reaches the threshold at figure 45.
      int at = foreseenAt(new LoadForecast(), 60, i -> 100 + 20 * i + 10 * random.nextGaussian());

      assertThat(at).as("seed %d", seed).isBetween(35, 43);
    }
  }

  @Test
  void noiseBelowTheThresholdIsNotForeseenAsMore() {
    int foreseen = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      foreseen +=
          foreseenAt(new LoadForecast(), 1_000, i -> 800 + 80 * random.nextGaussian()) >= 0 ? 1 : 0;
    }

    assertThat(foreseen).as("of %d runs of 1000 figures", SEEDS).isZero();
  }

  @Test
  void wildNoiseIsNotForeseenEither() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);

      assertThat(foreseenAt(new LoadForecast(), 1_000, i -> 1_200 * random.nextDouble()))
          .as("seed %d", seed)
          .isNegative();
    }
  }

  @Test
  void forecastsThatWereWrongShowAndAreNotActedOn() {
    // Climbs towards the threshold again and again, and breaks off before it every time.
    IntToDoubleFunction saw = i -> 200 + 175 * (i % 5);
    for (int i = 0; i < 40; i++) {
      forecast.add(saw.applyAsDouble(i));
    }

    assertThat(forecast.error().orElseThrow()).isGreaterThan(LoadForecast.TRUSTED);
    assertThat(forecast.trusted()).isFalse();
    assertThat(foreseenAt(forecast, 500, saw)).isNegative();
  }

  @Test
  void trustComesBackWithGoodForecasts() {
    for (int i = 0; i < 40; i++) {
      forecast.add(200 + 175 * (i % 5));
    }
    assertThat(forecast.trusted()).isFalse();

    for (int i = 0; i < 60; i++) {
      forecast.add(100 + 10 * i);
    }

    assertThat(forecast.trusted()).isTrue();
    assertThat(forecast.error().orElseThrow()).isLessThan(0.5);
  }

  @Test
  void theErrorIsTheMeanMissOverThatOfSayingAsItIsNow() {
    LoadForecast fresh = new LoadForecast();
    double missed = 0;
    double naive = 0;
    double[] figures = {10, 20, 35, 30, 50, 65, 60, 80, 95, 90, 110, 130, 120, 150, 155, 170};
    double[] expected = new double[figures.length];
    int compared = 0;
    for (int i = 0; i < figures.length; i++) {
      if (i >= LoadForecast.AHEAD) {
        compared++;
        // All weigh the same until ten were compared.
        missed += Math.abs(figures[i] - expected[i - LoadForecast.AHEAD]);
        naive += Math.abs(figures[i] - figures[i - LoadForecast.AHEAD]);
      }
      fresh.add(figures[i]);
      expected[i] = fresh.expected();
    }

    assertThat(compared).isEqualTo(10);
    assertThat(fresh.error().orElseThrow()).isCloseTo(missed / naive, within(1e-9));
  }

  @Test
  void saysNothingOfItsErrorBeforeThereWereForecasts() {
    for (int i = 0; i < LoadForecast.AHEAD + 7; i++) {
      assertThat(forecast.error()).isEmpty();
      assertThat(forecast.trusted()).isFalse();
      forecast.add(10 * i);
    }
    forecast.add(100);

    assertThat(forecast.error()).isPresent();
  }
}
