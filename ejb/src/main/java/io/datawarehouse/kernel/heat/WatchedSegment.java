package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a segment that this node owns: how it is judged, what is foreseen of it,
 * and what is done about it. Confined to whoever guards it; its size is constant.
 */
final class WatchedSegment {

  private static final System.Logger LOG = System.getLogger(WatchedSegment.class.getName());

  /** What came of a look at a segment, or of a forecast. */
  enum Turn {
    NONE,
    HOT,
    COOL,
    /** Called hot by a forecast. */
    FORESEEN,
    /** Called hot by a forecast, and cool again without having been hot. */
    WRONG
  }

  private final Optional<BucketName> bucket;
  private final int number;
  private final String part;
  private final HeatJudge judge;
  private @Nullable LoadForecast forecast;
  private double rate;
  private double sum;
  private int looks;
  private String because = "";
  private String measure = "none";
  private String measureBecause = "";

  private WatchedSegment(Optional<BucketName> bucket, int number, String part, long now) {
    this.bucket = bucket;
    this.number = number;
    this.part = part;
    this.judge = new HeatJudge(now);
  }

  /** Begins to watch a segment of the cluster. */
  static WatchedSegment ofCluster(int number, long now) {
    return new WatchedSegment(Optional.empty(), number, "", now);
  }

  /**
   * Begins to watch a segment of a bucket's own.
   *
   * @param part the part of the bucket that lies in it
   */
  static WatchedSegment own(OwnSegment segment, String part, long now) {
    return new WatchedSegment(Optional.of(segment.bucket()), segment.number(), part, now);
  }

  /** Returns whether this part of its bucket still lies in it. */
  boolean holds(String now) {
    return part.equals(now);
  }

  boolean hot() {
    return judge.hot();
  }

  /** Returns whether it has been hot for so long. */
  boolean hotFor(Duration time, long nanos) {
    return judge.hot() && nanos - judge.since() >= time.toNanos();
  }

  double rate() {
    return rate;
  }

  Optional<LoadForecast> forecast() {
    return Optional.ofNullable(forecast);
  }

  /** Has the segment forecast, or not. */
  void forecast(boolean wanted) {
    if (!wanted) {
      forecast = null;
    } else if (forecast == null) {
      forecast = new LoadForecast();
    }
  }

  /** Says what is done about it, and why that. */
  void measure(String what, String why) {
    measure = what;
    measureBecause = why;
  }

  /** Takes the rate of this moment. */
  Turn look(double now, HeatRules rules, long nanos) {
    rate = now;
    sum += now;
    looks++;
    boolean foreseenOnly = judge.foreseen() && !judge.reached();
    if (!judge.judge(now, rules, nanos)) {
      return Turn.NONE;
    }
    if (judge.hot()) {
      because =
          "over %d requests a second for %s"
              .formatted(rules.threshold().orElse(0), shown(rules.toHeat()));
      LOG.log(
          System.Logger.Level.INFO, "{0} is hot: {1}, {2} now", name(), because, Math.round(now));
      return Turn.HOT;
    }
    LOG.log(
        System.Logger.Level.INFO,
        "{0} is hot no more: {1} requests a second",
        name(),
        Math.round(now));
    return foreseenOnly ? Turn.WRONG : Turn.COOL;
  }

  /** Closes a step of time, of which the forecast gets the mean. */
  Turn step(HeatRules rules, long nanos) {
    double figure = looks == 0 ? 0 : sum / looks;
    sum = 0;
    looks = 0;
    if (forecast == null || !rules.judged()) {
      return Turn.NONE;
    }
    forecast.add(figure);
    double threshold = rules.threshold().getAsInt();
    if (!forecast.foresees(threshold) || !rules.predictive() || !judge.foresee(nanos)) {
      return Turn.NONE;
    }
    because =
        "forecast: at least %.0f requests a second in %s, the threshold is %.0f"
            .formatted(forecast.least(), shown(rules.ahead()), threshold);
    LOG.log(System.Logger.Level.INFO, "{0} is hot: {1}", name(), because);
    return Turn.FORESEEN;
  }

  private static String shown(Duration time) {
    return time.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private String name() {
    return "segment " + number + bucket.map(own -> " of bucket '" + own + "'").orElse("");
  }

  // ---- telling ---------------------------------------------------------------------------------

  /** Returns whether it is hot or on its way there. */
  boolean isShown() {
    return judge.hot() || judge.turning();
  }

  /**
   * Returns how it is shown.
   *
   * @param time the time of day at a moment of the judge's clock
   */
  HotShards.Shard show(
      NodeId owner, HeatRules rules, Instant time, long nanos, List<NodeId> holders) {
    boolean hot = judge.hot();
    return new HotShards.Shard(
        number,
        bucket,
        owner,
        !hot
            ? HotShards.State.WARMING
            : judge.turning() ? HotShards.State.COOLING : HotShards.State.HOT,
        rate,
        time.minusNanos(nanos - judge.since()),
        hot
            ? because
            : "over %d requests a second, not yet for %s"
                .formatted(rules.threshold().orElse(0), shown(rules.toHeat())),
        measure,
        measureBecause,
        holders,
        forecast().map(known -> show(known, rules)));
  }

  /**
   * Returns what is foreseen of it; empty where it is shown anyway, or nothing is to be trusted.
   */
  Optional<HotShards.Foreseen> foreseen(NodeId owner, HeatRules rules) {
    return isShown()
        ? Optional.empty()
        : forecast()
            .filter(LoadForecast::trusted)
            .map(known -> new HotShards.Foreseen(number, bucket, owner, rate, show(known, rules)));
  }

  private static HotShards.Forecast show(LoadForecast forecast, HeatRules rules) {
    return new HotShards.Forecast(
        forecast.expected(),
        forecast.least(),
        rules.ahead().toNanos() / 1e9,
        forecast.error(),
        forecast.trusted());
  }
}
