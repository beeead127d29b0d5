package io.datawarehouse.kernel.heat;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Foresees the load of one segment from evenly spaced figures, and knows how good it is at that.
 * Confined to whoever guards it; its size is constant.
 *
 * <p>Exponential smoothing with a damped trend, and beside it the same with a season of each of a
 * few lengths ({@link Smoothing}); one with a season is gone by as long as it was clearly less far
 * off. The error is measured as it is used: each forecast is kept until the moment that it was made
 * for, and compared with what came. The measure is the mean absolute scaled error (Hyndman and
 * Koehler, "Another look at measures of forecast accuracy", 2006) for this distance: the mean
 * error, divided by that of saying "as it is now". Both means forget, so that bad forecasts show at
 * once and are forgiven in time. A forecast is as sure as those before it were right: where it
 * leaned to one side that is made good, and the interval is 1.645 times the standard deviation of
 * what was left, under which one in twenty falls where errors are normal.
 */
final class LoadForecast {

  /** How many figures ahead it looks. */
  static final int AHEAD = Smoothing.AHEAD;

  /** With a greater error it is not trusted: it must be better than no forecast, clearly. */
  static final double TRUSTED = 0.8;

  /** One with a season must be better than the one without, clearly. */
  private static final double CLEARLY = 0.8;

  /**
   * Lengths of seasons, in figures. The load window has 30; where it is five minutes these are two
   * minutes, five and ten. A season as long as it looks ahead would be no better than "as it is
   * now".
   */
  private static final int[] SEASONS = {12, 30, 60};

  private static final double FORGETTING = 0.1;
  private static final int LEAST_COMPARED = 8;
  private static final double ONE_IN_TWENTY = 1.645;

  private final Smoothing plain = new Smoothing(0);
  private final List<Smoothing> seasonal = Arrays.stream(SEASONS).mapToObj(Smoothing::new).toList();
  private final double[] seen = new double[AHEAD];
  private long figures;
  private double naiveError;
  private Smoothing chosen = plain;
  private int sure;

  /** Takes the next figure. */
  void add(double figure) {
    int place = (int) (figures % AHEAD);
    if (figures >= AHEAD) {
      double weight = Math.max(FORGETTING, 1.0 / (figures - AHEAD + 1));
      naiveError += weight * (Math.abs(figure - seen[place]) - naiveError);
    }
    seen[place] = figure;
    figures++;
    plain.add(figure);
    seasonal.forEach(each -> each.add(figure));
    choose();
  }

  private void choose() {
    Smoothing best = plain;
    double least = plain.steadyError() * CLEARLY;
    for (Smoothing each : seasonal) {
      if (each.isProven() && each.steadyError() < least) {
        best = each;
        least = each.steadyError();
      }
    }
    sure = best == chosen ? sure : 0;
    chosen = best;
  }

  /** Returns what it expects to see {@link #AHEAD} figures from now. */
  double expected() {
    return chosen.expected();
  }

  /** Returns what there will be at least, as surely as its errors allow. */
  double least() {
    return Math.max(0, expected() + chosen.lean() - ONE_IN_TWENTY * chosen.deviation());
  }

  /** Returns the mean absolute scaled error; empty until enough was compared. */
  OptionalDouble error() {
    return figures < AHEAD + LEAST_COMPARED || naiveError == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(chosen.error() / naiveError);
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
    sure = trusted() && chosen.rises() && least() > threshold ? sure + 1 : 0;
    return sure >= 2;
  }
}
