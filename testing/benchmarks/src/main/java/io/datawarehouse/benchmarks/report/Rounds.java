package io.datawarehouse.benchmarks.report;

import io.datawarehouse.benchmarks.report.Subject.Measured;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares subjects: each warms up, then all take turns, round after round, so that a machine that
 * becomes slower meanwhile is slower for all. The medians of the rounds are compared. Confined to
 * one thread.
 */
public final class Rounds {

  /**
   * How long it takes.
   *
   * @param warmUp of each subject, once
   * @param round of each subject, each time
   * @param count how many rounds
   */
  public record Plan(Duration warmUp, Duration round, int count) {}

  private final PrintStream out;
  private final String title;
  private final String unit;
  private final double divisor;

  /**
   * Makes a comparison.
   *
   * @param unit of what is done per second
   * @param divisor what figures are divided by to be shown in that unit
   */
  public Rounds(PrintStream out, String title, String unit, double divisor) {
    this.out = out;
    this.title = title;
    this.unit = unit;
    this.divisor = divisor;
  }

  /** Something to do before each round of each subject, while no time is taken. */
  @FunctionalInterface
  public interface Preparation {
    /** Does it. */
    void prepare() throws Exception;
  }

  /** Runs everything, prints a table, and returns the medians by the subjects' names. */
  public Map<String, Double> compare(Plan plan, List<? extends Subject> subjects) throws Exception {
    return compare(plan, subjects, () -> {});
  }

  /** Compares with a preparation before each round of each subject. */
  public Map<String, Double> compare(
      Plan plan, List<? extends Subject> subjects, Preparation preparation) throws Exception {
    Map<String, Double> medians = new LinkedHashMap<>();
    measure(plan, subjects, preparation)
        .forEach((name, measured) -> medians.put(name, measured.perSecond()));
    return medians;
  }

  /** Does the same, and returns the medians of the times too. */
  public Map<String, Measured> measure(
      Plan plan, List<? extends Subject> subjects, Preparation preparation) throws Exception {
    Map<String, List<Measured>> results = new LinkedHashMap<>();
    for (Subject subject : subjects) {
      results.put(subject.name(), new ArrayList<>());
      subject.warmUp(plan.warmUp);
    }
    for (int round = 0; round < plan.count; round++) {
      for (Subject subject : subjects) {
        preparation.prepare();
        results.get(subject.name()).add(subject.run(plan.round));
      }
    }
    return print(results);
  }

  private Map<String, Measured> print(Map<String, List<Measured>> results) {
    out.printf(Locale.ROOT, "%n%s%n", title);
    out.printf(
        Locale.ROOT,
        "  %-48s %14s %14s %14s %10s %10s%n",
        "",
        "median " + unit,
        "least",
        "most",
        "p50 us",
        "p99 us");
    Map<String, Measured> medians = new LinkedHashMap<>();
    results.forEach(
        (name, rounds) -> {
          List<Double> rates = rounds.stream().map(Measured::perSecond).sorted().toList();
          Measured middle =
              new Measured(
                  median(rates),
                  median(rounds.stream().map(Measured::p50Micros).sorted().toList()),
                  median(rounds.stream().map(Measured::p99Micros).sorted().toList()));
          medians.put(name, middle);
          out.printf(
              Locale.ROOT,
              "  %-48s %,14.0f %,14.0f %,14.0f %10s %10s%n",
              name,
              middle.perSecond() / divisor,
              rates.get(0) / divisor,
              rates.get(rates.size() - 1) / divisor,
              micros(middle.p50Micros()),
              micros(middle.p99Micros()));
        });
    return medians;
  }

  private static String micros(double value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, "%.0f", value);
  }

  /** Prints one ratio beside what is hoped for. */
  public static void ratio(PrintStream out, String what, double ratio, double goal) {
    out.printf(
        Locale.ROOT,
        "  %-60s %6.2f  (goal %.2f, %s)%n",
        what,
        ratio,
        goal,
        ratio >= goal ? "reached" : "missed");
  }

  /** Returns the middle of sorted figures. */
  public static double median(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
