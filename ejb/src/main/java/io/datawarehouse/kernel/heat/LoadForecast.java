package io.datawarehouse.kernel.heat;

import java.util.OptionalDouble;

/**
 * Foresees the load of one segment from evenly spaced figures, and knows how good it is at that.
 * Confined to whoever guards it; its size is constant.
 *
 * <p>Exponential smoothing with a damped trend (Gardner and McKenzie, "Forecasting trends in time
 * series", Management Science 31, 1985). Its error is measured as it is used: each forecast is kept
 * until the moment that it was made for, and compared with what came. The measure is the mean
 * absolute scaled error (Hyndman and Koehler, "Another look at measures of forecast accuracy",
 * 2006) for this distance: the mean error, divided by that of saying "as it is now". Both means
 * forget, so that bad forecasts show at once and are forgiven in time. A forecast is as sure as
 * those before it were right: where it leaned to one side that is made good, and the interval is
 * 1.645 times the standard deviation of what was left, under which one in twenty falls where errors
 * are normal.
 */
final class LoadForecast {

  /** How many figures ahead it looks. */
  static final int AHEAD = 6;

  /** With a greater error it is not trusted: it must be better than no forecast, clearly. */
  static final double TRUSTED = 0.8;

  private static final double LEVEL = 0.4;
  private static final double TREND = 0.15;
  private static final double DAMPING = 0.98;
  private static final double FORGETTING = 0.1;
  private static final int LEAST_COMPARED = 8;
  private static final double ONE_IN_TWENTY = 1.645;

  private final double[] foreseen = new double[AHEAD];
  private final double[] seen = new double[AHEAD];
  private long figures;
  private double level;
  private double trend;
  private double error;
  private double naiveError;
  private double squaredError;
  private double lean;
  private int sure;

  /** Takes the next figure. */
  void add(double figure) {
    compare(figure);
    if (figures == 0) {
      level = figure;
    } else {
      double before = level;
      level = LEVEL * figure + (1 - LEVEL) * (level + DAMPING * trend);
      trend = TREND * (level - before) + (1 - TREND) * DAMPING * trend;
    }
    int place = (int) (figures % AHEAD);
    figures++;
    foreseen[place] = expected();
    seen[place] = figure;
  }

  private void compare(double figure) {
    if (figures < AHEAD) {
      return;
    }
    int place = (int) (figures % AHEAD);
    double miss = figure - foreseen[place];
    long compared = figures - AHEAD + 1;
    // A plain mean at first, so that the first comparison does not count for more than others.
    double weight = Math.max(FORGETTING, 1.0 / compared);
    error += weight * (Math.abs(miss) - error);
    naiveError += weight * (Math.abs(figure - seen[place]) - naiveError);
    squaredError += weight * (miss * miss - squaredError);
    lean += weight * (miss - lean);
  }

  /** Returns what it expects to see {@link #AHEAD} figures from now. */
  double expected() {
    double sum = 0;
    double damping = 1;
    for (int step = 0; step < AHEAD; step++) {
      damping *= DAMPING;
      sum += damping;
    }
    return Math.max(0, level + sum * trend);
  }

  /** Returns what there will be at least, as surely as its errors allow. */
  double least() {
    double deviation = Math.sqrt(Math.max(0, squaredError - lean * lean));
    return Math.max(0, expected() + lean - ONE_IN_TWENTY * deviation);
  }

  /** Returns the mean absolute scaled error; empty until enough was compared. */
  OptionalDouble error() {
    return figures < AHEAD + LEAST_COMPARED || naiveError == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(error / naiveError);
  }

  /** Returns whether its forecasts have been good enough to act on. */
  boolean trusted() {
    return error().orElse(Double.MAX_VALUE) < TRUSTED;
  }

  /**
   * Says whether the load will be over a threshold; called once after every figure. Two figures in
   * a row must say so.
   */
  boolean foresees(double threshold) {
    sure = trusted() && trend > 0 && least() > threshold ? sure + 1 : 0;
    return sure >= 2;
  }
}
