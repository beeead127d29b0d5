package io.datawarehouse.kernel.heat;

/**
 * Exponential smoothing of evenly spaced figures with a damped trend (Gardner and McKenzie,
 * "Forecasting trends in time series", Management Science 31, 1985) and, where it has a season, an
 * additive one as Winters has it ("Forecasting sales by exponentially weighted moving averages",
 * Management Science 6, 1960). It measures how far its forecasts were off. Confined to whoever
 * guards it; its size is constant.
 *
 * <p>With a season it takes the first one as it comes and foresees nothing before that is over.
 */
final class Smoothing {

  /** How many figures ahead it looks. */
  static final int AHEAD = 6;

  private static final double LEVEL = 0.4;
  private static final double LEVEL_IN_SEASON = 0.2;
  private static final double TREND = 0.15;
  private static final double TREND_IN_SEASON = 0.05;
  private static final double SEASON = 0.3;
  private static final double DAMPING = 0.98;

  /** Errors count for so much of a mean: those of late. */
  private static final double FORGETTING = 0.1;

  /** Errors that decide between ways to foresee: those of at least one season. */
  private static final double SLOWLY_FORGETTING = 1.0 / 60;

  private final int season;
  private final double[] seasonal;
  private final double[] foreseen = new double[AHEAD];
  private long figures;
  private long forecasts;
  private double level;
  private double trend;
  private double error;
  private double steadyError;
  private double squaredError;
  private double lean;

  /**
   * Makes one that has seen nothing.
   *
   * @param season how many figures its season has; 0 for none
   */
  Smoothing(int season) {
    this.season = season;
    this.seasonal = new double[Math.max(1, season)];
  }

  /** Takes the next figure. */
  void add(double figure) {
    if (forecasts >= AHEAD) {
      compare(figure - foreseen[(int) (figures % AHEAD)]);
    }
    if (figures < Math.max(1, season)) {
      begin(figure);
    } else {
      smooth(figure);
    }
    int place = (int) (figures % AHEAD);
    figures++;
    if (figures >= season) {
      foreseen[place] = expected();
      forecasts++;
    }
  }

  private void compare(double miss) {
    long compared = compared() + 1;
    // A plain mean at first, so that the first comparison does not count for more than others.
    double weight = Math.max(FORGETTING, 1.0 / compared);
    error += weight * (Math.abs(miss) - error);
    squaredError += weight * (miss * miss - squaredError);
    lean += weight * (miss - lean);
    double slowly = Math.max(SLOWLY_FORGETTING, 1.0 / compared);
    steadyError += slowly * (Math.abs(miss) - steadyError);
  }

  /** The level is the mean of the first season, or the first figure. */
  private void begin(double figure) {
    long count = figures + 1;
    level += (figure - level) / count;
    if (season == 0) {
      return;
    }
    seasonal[(int) figures] = figure;
    if (count == season) {
      for (int i = 0; i < season; i++) {
        seasonal[i] -= level;
      }
    }
  }

  private void smooth(double figure) {
    int now = (int) (figures % seasonal.length);
    double before = level;
    double byLevel = season == 0 ? LEVEL : LEVEL_IN_SEASON;
    double byTrend = season == 0 ? TREND : TREND_IN_SEASON;
    level = byLevel * (figure - seasonal[now]) + (1 - byLevel) * (level + DAMPING * trend);
    trend = byTrend * (level - before) + (1 - byTrend) * DAMPING * trend;
    if (season > 0) {
      seasonal[now] += SEASON * (figure - level - seasonal[now]);
    }
  }

  /** Returns what it expects to see {@link #AHEAD} figures from now. */
  double expected() {
    double sum = 0;
    double damping = 1;
    for (int step = 0; step < AHEAD; step++) {
      damping *= DAMPING;
      sum += damping;
    }
    return Math.max(0, level + sum * trend + seasonalAt(AHEAD));
  }

  private double seasonalAt(int ahead) {
    return seasonal[(int) ((figures - 1 + ahead) % seasonal.length)];
  }

  /** Returns whether it expects more than there is now. */
  boolean rises() {
    return expected() > level + seasonalAt(0);
  }

  /** Returns how many of its forecasts have come to be compared. */
  long compared() {
    return Math.max(0, forecasts - AHEAD);
  }

  /** Returns whether it has been compared for long enough to be chosen before others. */
  boolean isProven() {
    return compared() >= season;
  }

  /** Returns how far it was off of late, in the mean. */
  double error() {
    return error;
  }

  /** Returns how far it was off over the last seasons, in the mean. */
  double steadyError() {
    return steadyError;
  }

  /** Returns to which side it was off of late, in the mean. */
  double lean() {
    return lean;
  }

  /** Returns how far its errors of late lie around that. */
  double deviation() {
    return Math.sqrt(Math.max(0, squaredError - lean * lean));
  }
}
