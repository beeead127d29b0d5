package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges the segments that this node owns, forecasts the busiest of them, and has other nodes keep
 * copies of what is hot, as far as the rules of the moment allow. Thread-safe; {@link #tick()} is
 * called once a second or so. Its size is constant.
 */
public final class HotSegments {

  private static final System.Logger LOG = System.getLogger(HotSegments.class.getName());

  /** How many segments are forecast at once. */
  static final int MOST_FORECAST = 16;

  /** Of how many changes a segment may consist for copies to help. */
  private static final double MOST_CHANGES = 0.2;

  /** However little there is, so many bytes of copies may go out in an interval. */
  private static final long LEAST_BUDGET = 16L << 20;

  private static final int KEYS = 20;
  private static final int FIGURES_A_WINDOW = 30;
  private static final long SHORTEST_STEP = Duration.ofSeconds(1).toNanos();

  /**
   * What they work with.
   *
   * @param self this node
   * @param placement who owns what
   * @param active the nodes that may hold copies
   * @param heat how busy segments are
   * @param copies what other nodes may keep; empty on a node that is alone
   * @param rules the rules of this moment
   * @param clock tells when something happened
   * @param ticker nanoseconds that only grow
   * @param metrics counts
   */
  public record Options(
      NodeId self,
      Supplier<Placement> placement,
      Supplier<List<NodeId>> active,
      SegmentHeat heat,
      Optional<ReadCopies> copies,
      Supplier<HeatRules> rules,
      Clock clock,
      LongSupplier ticker,
      Metrics metrics) {}

  /** What is remembered of a segment that this node owns. Guarded by the whole. */
  private static final class Watched {
    private final HeatJudge judge;
    private @Nullable LoadForecast forecast;
    private double sum;
    private int looks;
    private String because = "";
    private String measure = "none";
    private String measureBecause = "";

    Watched(long now) {
      this.judge = new HeatJudge(now);
    }
  }

  private final Options options;
  private final Metrics.Counter actedEarly;
  private final Metrics.Counter wronglyEarly;

  // Guarded by this.
  private final @Nullable Watched[] segments = new Watched[SingleNodePlacement.SEGMENTS];
  private long stepAt;
  private long early;
  private long wrong;
  private int hot;
  private double worst;

  /** Makes one that judges nothing before it is ticked. */
  public HotSegments(Options options) {
    this.options = options;
    this.stepAt = options.ticker.getAsLong();
    Metrics metrics = options.metrics;
    this.actedEarly =
        metrics.counter(
            "heat.forecast.early", "Segments called hot by a forecast before they were", Map.of());
    this.wronglyEarly =
        metrics.counter(
            "heat.forecast.wrong", "Segments called hot by a forecast that never were", Map.of());
    metrics.gauge("heat.hot", "Hot segments of this node", Map.of(), this::hotNow);
    metrics.gauge(
        "heat.forecast.error",
        "Mean absolute scaled error of forecasts; under 1 is better than none",
        Map.of(),
        this::errorNow);
  }

  private synchronized double hotNow() {
    return hot;
  }

  private synchronized double errorNow() {
    return worst;
  }

  // ---- judging ---------------------------------------------------------------------------------

  /** Looks at all segments once. */
  public void tick() {
    Map<NodeId, List<Integer>> offers = new TreeMap<>();
    synchronized (this) {
      HeatRules rules = options.rules.get();
      Placement placement = options.placement.get();
      long now = options.ticker.getAsLong();
      boolean step = now - stepAt >= stepNanos(rules);
      stepAt = step ? now : stepAt;
      int count = 0;
      for (int segment = 0; segment < segments.length; segment++) {
        if (placement.owners(segment).get(0).equals(options.self)) {
          Watched watched = look(segment, rules, now, step);
          count += watched.judge.hot() ? 1 : 0;
          act(segment, watched, rules, placement, offers);
        } else {
          segments[segment] = null;
        }
      }
      hot = count;
      if (step) {
        chooseForecast(rules);
        worst = meanError().orElse(0);
      }
      setBudget(rules);
    }
    options.copies.ifPresent(copies -> offers.forEach(copies::offer));
  }

  private static long stepNanos(HeatRules rules) {
    return Math.max(SHORTEST_STEP, rules.loadWindow().toNanos() / FIGURES_A_WINDOW);
  }

  private Watched look(int segment, HeatRules rules, long now, boolean step) {
    Watched watched = segments[segment];
    if (watched == null) {
      watched = new Watched(now);
      segments[segment] = watched;
    }
    double rate = options.heat.traffic().rates(segment).requests();
    boolean foreseenOnly = watched.judge.foreseen() && !watched.judge.reached();
    if (watched.judge.judge(rate, rules, now)) {
      changed(segment, watched, rate, rules, foreseenOnly);
    }
    watched.sum += rate;
    watched.looks++;
    if (step) {
      step(segment, watched, rules, now);
    }
    return watched;
  }

  private void changed(
      int segment, Watched watched, double rate, HeatRules rules, boolean foreseenOnly) {
    if (watched.judge.hot()) {
      watched.because =
          "over %d requests a second for %s"
              .formatted(rules.threshold().orElse(0), shown(rules.toHeat()));
      LOG.log(
          System.Logger.Level.INFO,
          "segment {0} is hot: {1}, {2} now",
          segment,
          watched.because,
          Math.round(rate));
    } else {
      if (foreseenOnly) {
        wrong++;
        wronglyEarly.increment();
      }
      LOG.log(
          System.Logger.Level.INFO,
          "segment {0} is hot no more: {1} requests a second",
          segment,
          Math.round(rate));
    }
  }

  private static String shown(Duration time) {
    return time.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private void step(int segment, Watched watched, HeatRules rules, long now) {
    double figure = watched.sum / watched.looks;
    watched.sum = 0;
    watched.looks = 0;
    LoadForecast forecast = watched.forecast;
    if (forecast == null || !rules.judged()) {
      return;
    }
    forecast.add(figure);
    double threshold = rules.threshold().getAsInt();
    if (forecast.foresees(threshold) && rules.predictive() && watched.judge.foresee(now)) {
      early++;
      actedEarly.increment();
      watched.because =
          "forecast: at least %.0f requests a second in %s, the threshold is %.0f"
              .formatted(
                  forecast.least(),
                  shown(Duration.ofNanos(stepNanos(rules) * LoadForecast.AHEAD)),
                  threshold);
      LOG.log(System.Logger.Level.INFO, "segment {0} is hot: {1}", segment, watched.because);
    }
  }

  /** Forecasts the busiest segments; one that has a forecast keeps it as long as it is busy. */
  private void chooseForecast(HeatRules rules) {
    double least = rules.judged() ? rules.threshold().getAsInt() / 10.0 : Double.MAX_VALUE;
    List<Integer> busiest = new ArrayList<>();
    for (int segment = 0; segment < segments.length; segment++) {
      if (segments[segment] != null && rate(segment) >= least) {
        busiest.add(segment);
      }
    }
    busiest.sort(Comparator.comparingDouble(this::rate).reversed());
    for (int segment = 0; segment < segments.length; segment++) {
      Watched watched = segments[segment];
      if (watched != null) {
        int place = busiest.indexOf(segment);
        if (place < 0 || place >= MOST_FORECAST) {
          watched.forecast = null;
        } else if (watched.forecast == null) {
          watched.forecast = new LoadForecast();
        }
      }
    }
  }

  private double rate(int segment) {
    return options.heat.traffic().rates(segment).requests();
  }

  private OptionalDouble meanError() {
    double sum = 0;
    int count = 0;
    for (Watched watched : segments) {
      LoadForecast forecast = watched == null ? null : watched.forecast;
      if (forecast != null && forecast.error().isPresent()) {
        sum += forecast.error().getAsDouble();
        count++;
      }
    }
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
  }

  // ---- acting ----------------------------------------------------------------------------------

  private void act(
      int segment,
      Watched watched,
      HeatRules rules,
      Placement placement,
      Map<NodeId, List<Integer>> offers) {
    List<NodeId> holders = List.of();
    watched.measure = "none";
    if (!watched.judge.hot()) {
      watched.measureBecause = "it is not hot";
    } else if (options.copies.isEmpty()) {
      watched.measureBecause = "the node works alone";
    } else if (!rules.actsByItself()) {
      watched.measureBecause = "the mode is manual";
    } else if (mostlyChanged(segment)) {
      watched.measureBecause = "more than 20 % of its requests change it, which copies do not help";
    } else {
      holders = candidates(segment, rules, placement);
      watched.measure = holders.isEmpty() ? "none" : "copies";
      watched.measureBecause =
          holders.isEmpty()
              ? "no other node is active"
              : "%s may keep copies of what is read at them".formatted(holders);
    }
    List<NodeId> chosen = holders;
    options.copies.ifPresent(copies -> copies.welcome(segment, chosen));
    holders.forEach(holder -> offers.computeIfAbsent(holder, n -> new ArrayList<>()).add(segment));
  }

  private boolean mostlyChanged(int segment) {
    SegmentTraffic.Rates rates = options.heat.traffic().rates(segment);
    return rates.writes() > MOST_CHANGES * rates.requests();
  }

  /** The next nodes in the segment's own order, so that different segments use different ones. */
  private List<NodeId> candidates(int segment, HeatRules rules, Placement placement) {
    List<NodeId> active = options.active.get();
    return placement.owners(segment).stream()
        .filter(node -> !node.equals(options.self) && active.contains(node))
        .limit(rules.mostHolders())
        .toList();
  }

  private void setBudget(HeatRules rules) {
    options.copies.ifPresent(
        copies -> {
          long held = 0;
          for (int segment = 0; segment < segments.length; segment++) {
            held += options.heat.ledger().of(segment).map(SegmentStock.Stock::bytes).orElse(0L);
          }
          copies.limit(
              Math.max(LEAST_BUDGET, held / 100 * rules.mostMovedPercent()), rules.interval());
        });
  }

  // ---- telling ---------------------------------------------------------------------------------

  /** Returns what is hot of what this node owns. */
  synchronized HeatMessages.HotAnswer own(boolean keys) {
    HeatRules rules = options.rules.get();
    long now = options.ticker.getAsLong();
    Instant time = options.clock.instant();
    List<HotShards.Shard> shards = new ArrayList<>();
    int forecasts = 0;
    for (int segment = 0; segment < segments.length; segment++) {
      Watched watched = segments[segment];
      if (watched != null) {
        forecasts += watched.forecast == null ? 0 : 1;
        if (watched.judge.hot() || watched.judge.turning()) {
          Instant since = time.minusNanos(now - watched.judge.since());
          shards.add(show(segment, watched, rules, since));
        }
      }
    }
    shards.sort(Comparator.comparingDouble(HotShards.Shard::requestsPerSecond).reversed());
    return new HeatMessages.HotAnswer(
        shards,
        keys ? hotKeys() : List.of(),
        new HotShards.Forecasts(options.self, forecasts, meanError(), early, wrong));
  }

  private HotShards.Shard show(int segment, Watched watched, HeatRules rules, Instant since) {
    boolean nowHot = watched.judge.hot();
    boolean turning = watched.judge.turning();
    return new HotShards.Shard(
        segment,
        options.self,
        !nowHot ? HotShards.State.WARMING : turning ? HotShards.State.COOLING : HotShards.State.HOT,
        rate(segment),
        since,
        nowHot
            ? watched.because
            : "over %d requests a second, not yet for %s"
                .formatted(rules.threshold().orElse(0), shown(rules.toHeat())),
        watched.measure,
        watched.measureBecause,
        options.copies.map(copies -> copies.holders(segment)).orElse(List.of()),
        Optional.ofNullable(watched.forecast).map(forecast -> show(forecast, rules)));
  }

  private static HotShards.Forecast show(LoadForecast forecast, HeatRules rules) {
    return new HotShards.Forecast(
        forecast.expected(),
        forecast.least(),
        stepNanos(rules) * LoadForecast.AHEAD / 1e9,
        forecast.error(),
        forecast.trusted());
  }

  private List<HotShards.Key> hotKeys() {
    Map<Integer, Boolean> owned = new HashMap<>();
    Placement placement = options.placement.get();
    return options.heat.keys().top(KEYS * 2).stream()
        .filter(
            key ->
                owned.computeIfAbsent(
                    key.segment(),
                    segment -> placement.owners(segment).get(0).equals(options.self)))
        .limit(KEYS)
        .map(
            key ->
                new HotShards.Key(
                    key.key().bucket(),
                    key.key().key(),
                    key.segment(),
                    options.self,
                    key.perSecond(),
                    key.least()))
        .toList();
  }
}
