package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares forecasts with those of the textbook's additive Holt-Winters, which is told the length
 * of the season, on loads of several kinds. What comes out is written down in ADR 0025.
 */
class ForecastComparisonTest {

  private static final int SEEDS = 20;
  private static final int FIGURES = 600;

  /** The first half is for learning. */
  private static final int JUDGED_FROM = 300;

  private static final int SEASON = 30;

  /** A kind of load, and how many times the error of Holt-Winters there may be at most. */
  enum Load {
    WAVES(1.1) {
      @Override
      double at(int i, Random random) {
        return 500 + 300 * Math.sin(2 * Math.PI * i / SEASON) + 20 * random.nextGaussian();
      }
    },
    SPIKES(1.1) {
      @Override
      double at(int i, Random random) {
        return (i % SEASON < 3 ? 900 : 300) + 20 * random.nextGaussian();
      }
    },
    WAVES_THAT_GROW(1.1) {
      @Override
      double at(int i, Random random) {
        return 500 + i + 300 * Math.sin(2 * Math.PI * i / SEASON) + 20 * random.nextGaussian();
      }
    },
    RAMP(1.15) {
      @Override
      double at(int i, Random random) {
        return 100 + 2 * i + 20 * random.nextGaussian();
      }
    },
    RAMP_THAT_ENDS(1.0) {
      @Override
      double at(int i, Random random) {
        return 100 + 4 * Math.min(i, 400) + 20 * random.nextGaussian();
      }
    },
    NOISE(1.15) {
      @Override
      double at(int i, Random random) {
        return 500 + 100 * random.nextGaussian();
      }
    };

    /** What follows a load more quickly also follows its noise, and is off by a little more. */
    private final double most;

    Load(double most) {
      this.most = most;
    }

    abstract double at(int i, Random random);
  }

  /** Additive Holt-Winters with a trend that is not damped. */
  private static final class HoltWinters {
    private final double[] seasonal = new double[SEASON];
    private int figures;
    private double level;
    private double trend;

    double addAndExpect(double figure) {
      int now = figures % SEASON;
      if (figures < SEASON) {
        level += (figure - level) / (figures + 1);
        seasonal[now] = figure;
        if (figures == SEASON - 1) {
          for (int i = 0; i < SEASON; i++) {
            seasonal[i] -= level;
          }
        }
      } else {
        double before = level;
        level = 0.2 * (figure - seasonal[now]) + 0.8 * (level + trend);
        trend = 0.05 * (level - before) + 0.95 * trend;
        seasonal[now] += 0.3 * (figure - level - seasonal[now]);
      }
      figures++;
      return level + Smoothing.AHEAD * trend + seasonal[(figures - 1 + Smoothing.AHEAD) % SEASON];
    }
  }

  /** Returns how far forecasts are off in the mean, over all seeds. */
  private static double error(Load load, ToDoubleFunction<Double> expecting, long seed) {
    Random random = new Random(seed);
    double[] expected = new double[FIGURES + Smoothing.AHEAD];
    double sum = 0;
    for (int i = 0; i < FIGURES; i++) {
      double figure = load.at(i, random);
      if (i >= JUDGED_FROM) {
        sum += Math.abs(figure - expected[i]);
      }
      expected[i + Smoothing.AHEAD] = expecting.applyAsDouble(figure);
    }
    return sum / (FIGURES - JUDGED_FROM);
  }

  @ParameterizedTest
  @EnumSource(Load.class)
  void isNoWorseThanHoltWintersThatKnowsTheSeason(Load load) {
    double ours = 0;
    double plain = 0;
    double theirs = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      LoadForecast forecast = new LoadForecast();
      ours +=
          error(
              load,
              figure -> {
                forecast.add(figure);
                return forecast.expected();
              },
              seed);
      Smoothing smoothing = new Smoothing(0);
      plain +=
          error(
              load,
              figure -> {
                smoothing.add(figure);
                return smoothing.expected();
              },
              seed);
      theirs += error(load, new HoltWinters()::addAndExpect, seed);
    }

    String figures =
        "%s: %.1f, without a season %.1f, Holt-Winters %.1f"
            .formatted(load, ours / SEEDS, plain / SEEDS, theirs / SEEDS);
    assertThat(ours).as(figures).isLessThanOrEqualTo(theirs * load.most);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"WAVES", "SPIKES", "WAVES_THAT_GROW"},
      value = Load.class)
  void seasonIsFoundWhereThereIsOne(Load load) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      LoadForecast forecast = new LoadForecast();
      Random random = new Random(seed);
      for (int i = 0; i < FIGURES; i++) {
        forecast.add(load.at(i, random));
      }

      assertThat(forecast.error().orElseThrow()).as("seed %d", seed).isLessThan(0.6);
    }
  }
}
