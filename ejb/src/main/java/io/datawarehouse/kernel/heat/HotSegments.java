package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.sdk.sharding.Residency;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges the segments that this node owns, forecasts the busiest of them, and has other nodes keep
 * copies of what is hot, as far as the rules of the moment allow. Thread-safe; {@link #tick()} is
 * called once a second or so. Its size is constant.
 */
public final class HotSegments {

  /** How many segments are forecast at once. */
  static final int MOST_FORECAST = 16;

  /** Of how many changes a segment may consist for copies to help. */
  private static final double MOST_CHANGES = 0.2;

  /** However little there is, so many bytes of copies may go out in an interval. */
  private static final long LEAST_BUDGET = 16L << 20;

  /** A range that is hot for longer cannot be divided: it is tried every few seconds. */
  private static final Duration DIVIDED_WITHIN = Duration.ofMinutes(1);

  private static final int KEYS = 40;

  /**
   * What they work with.
   *
   * @param self this node
   * @param placement who owns what
   * @param own what buckets say of segments of their own
   * @param active the nodes that may hold copies, as far as no rule of a bucket forbids it
   * @param admits whether a residency admits a node
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
      OwnSegments own,
      Supplier<List<NodeId>> active,
      BiPredicate<Residency, NodeId> admits,
      SegmentHeat heat,
      Optional<ReadCopies> copies,
      Supplier<HeatRules> rules,
      Clock clock,
      LongSupplier ticker,
      Metrics metrics) {

    /** Makes options where no bucket has segments of its own. */
    public Options(
        NodeId self,
        Supplier<Placement> placement,
        Supplier<List<NodeId>> active,
        SegmentHeat heat,
        Optional<ReadCopies> copies,
        Supplier<HeatRules> rules,
        Clock clock,
        LongSupplier ticker,
        Metrics metrics) {
      this(
          self,
          placement,
          OwnSegments.none(),
          active,
          (residency, node) -> true,
          heat,
          copies,
          rules,
          clock,
          ticker,
          metrics);
    }
  }

  private final Options options;
  private final Metrics.Counter actedEarly;
  private final Metrics.Counter wronglyEarly;

  // Guarded by this.
  private final @Nullable WatchedSegment[] segments =
      new WatchedSegment[SingleNodePlacement.SEGMENTS];

  private final Map<OwnSegment, WatchedSegment> own = new HashMap<>();

  /** The buckets of whose own segments others may hold leases. */
  private Set<BucketName> welcomed = Set.of();

  private long stepAt;
  private long early;
  private long wrong;
  private int hot;

  /** Not a number where nothing is known. */
  private double error = Double.NaN;

  private boolean limited;

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
        "Mean absolute scaled error of forecasts; under 1 is better than none, NaN is not known",
        Map.of(),
        this::errorNow);
  }

  private synchronized double hotNow() {
    return hot;
  }

  private synchronized double errorNow() {
    return error;
  }

  // ---- judging ---------------------------------------------------------------------------------

  /** Looks at all segments once. */
  public void tick() {
    Map<NodeId, List<LeasePlace>> offers = new TreeMap<>();
    synchronized (this) {
      HeatRules rules = options.rules.get();
      long now = options.ticker.getAsLong();
      boolean step = now - stepAt >= rules.step().toNanos();
      stepAt = step ? now : stepAt;
      lookAtCluster(rules, now, step, offers);
      lookAtOwn(rules, now, step, offers);
      hot = (int) watched().filter(WatchedSegment::hot).count();
      if (step) {
        chooseForecast(rules);
        error = meanError().orElse(Double.NaN);
      }
      setBudget(rules);
    }
    options.copies.ifPresent(copies -> offers.forEach(copies::offer));
  }

  private void lookAtCluster(
      HeatRules rules, long now, boolean step, Map<NodeId, List<LeasePlace>> offers) {
    Placement placement = options.placement.get();
    for (int segment = 0; segment < segments.length; segment++) {
      if (placement.owners(segment).get(0).equals(options.self)) {
        WatchedSegment watched = segments[segment];
        if (watched == null) {
          watched = WatchedSegment.ofCluster(segment, now);
          segments[segment] = watched;
        }
        look(watched, options.heat.traffic().rates(segment).requests(), rules, now, step);
        act(segment, watched, rules, placement, offers);
      } else {
        segments[segment] = null;
      }
    }
  }

  private void lookAtOwn(
      HeatRules rules, long now, boolean step, Map<NodeId, List<LeasePlace>> offers) {
    Map<OwnSegment, OwnSegments.Known> owned = new HashMap<>();
    for (OwnSegment segment : options.heat.own().counted()) {
      options
          .own
          .find(segment.bucket(), segment.number())
          .filter(found -> found.owner().equals(options.self))
          .ifPresent(known -> owned.put(segment, known));
    }
    Map<BucketName, Set<NodeId>> holders = new HashMap<>();
    owned.forEach(
        (segment, known) -> {
          WatchedSegment watched = watch(segment, known.part(), now);
          look(watched, options.heat.own().rates(segment).requests(), rules, now, step);
          List<NodeId> chosen = act(segment, watched, known, rules, owned.keySet(), now);
          if (!chosen.isEmpty()) {
            holders.computeIfAbsent(segment.bucket(), first -> new TreeSet<>()).addAll(chosen);
          }
        });
    own.keySet().retainAll(owned.keySet());
    welcome(holders, offers);
  }

  /** Leases are of a bucket: whoever may have copies of one of its hot segments gets one. */
  private void welcome(Map<BucketName, Set<NodeId>> holders, Map<NodeId, List<LeasePlace>> offers) {
    Set<BucketName> before = welcomed;
    welcomed = Set.copyOf(holders.keySet());
    if (options.copies.isEmpty()) {
      return;
    }
    ReadCopies copies = options.copies.get();
    before.stream()
        .filter(bucket -> !welcomed.contains(bucket))
        .forEach(bucket -> copies.welcome(LeasePlace.own(bucket), Set.of()));
    holders.forEach(
        (bucket, chosen) -> {
          LeasePlace place = LeasePlace.own(bucket);
          copies.welcome(place, chosen);
          chosen.forEach(
              holder -> offers.computeIfAbsent(holder, n -> new ArrayList<>()).add(place));
        });
  }

  /** What was divided or put together is judged anew: it is not what was hot. */
  private WatchedSegment watch(OwnSegment segment, String part, long now) {
    WatchedSegment known = own.get(segment);
    if (known != null && known.holds(part)) {
      return known;
    }
    if (known != null) {
      options.heat.own().forget(segment);
    }
    WatchedSegment fresh = WatchedSegment.own(segment, part, now);
    own.put(segment, fresh);
    return fresh;
  }

  private void look(WatchedSegment watched, double rate, HeatRules rules, long now, boolean step) {
    count(watched.look(rate, rules, now));
    if (step) {
      count(watched.step(rules, now));
    }
  }

  private void count(WatchedSegment.Turn turn) {
    if (turn == WatchedSegment.Turn.FORESEEN) {
      early++;
      actedEarly.increment();
    } else if (turn == WatchedSegment.Turn.WRONG) {
      wrong++;
      wronglyEarly.increment();
    }
  }

  private Stream<WatchedSegment> watched() {
    return Stream.concat(
        Arrays.stream(segments).filter(Objects::nonNull).map(Objects::requireNonNull),
        own.values().stream());
  }

  /** Forecasts the busiest segments; one that has a forecast keeps it as long as it is busy. */
  private void chooseForecast(HeatRules rules) {
    double least = rules.judged() ? rules.threshold().getAsInt() / 10.0 : Double.MAX_VALUE;
    Set<WatchedSegment> busiest =
        watched()
            .filter(segment -> segment.rate() >= least)
            .sorted(Comparator.comparingDouble(WatchedSegment::rate).reversed())
            .limit(MOST_FORECAST)
            .collect(Collectors.toSet());
    watched().forEach(segment -> segment.forecast(busiest.contains(segment)));
  }

  private OptionalDouble meanError() {
    return watched()
        .flatMap(segment -> segment.forecast().stream())
        .map(LoadForecast::error)
        .flatMapToDouble(OptionalDouble::stream)
        .average();
  }

  // ---- acting ----------------------------------------------------------------------------------

  private void act(
      int segment,
      WatchedSegment watched,
      HeatRules rules,
      Placement placement,
      Map<NodeId, List<LeasePlace>> offers) {
    SegmentTraffic.Rates rates = options.heat.traffic().rates(segment);
    List<NodeId> holders =
        chooseHolders(watched, rules, rates, () -> candidates(segment, rules, placement));
    LeasePlace place = LeasePlace.hashed(segment);
    options.copies.ifPresent(copies -> copies.welcome(place, holders));
    holders.forEach(holder -> offers.computeIfAbsent(holder, n -> new ArrayList<>()).add(place));
  }

  /** Returns who may keep copies of a segment that is judged, and notes why. */
  private List<NodeId> chooseHolders(
      WatchedSegment watched,
      HeatRules rules,
      SegmentTraffic.Rates rates,
      Supplier<List<NodeId>> candidates) {
    if (!watched.hot()) {
      watched.measure("none", "it is not hot");
    } else if (options.copies.isEmpty()) {
      watched.measure("none", "the node works alone");
    } else if (!rules.actsByItself()) {
      watched.measure("none", "the mode is manual");
    } else if (rates.writes() > MOST_CHANGES * rates.requests()) {
      watched.measure("none", "more than 20 % of its requests change it, which copies do not help");
    } else {
      List<NodeId> holders = candidates.get();
      watched.measure(
          holders.isEmpty() ? "none" : "copies",
          holders.isEmpty()
              ? "no other node is active that may hold it"
              : "%s may keep copies of what is read at them".formatted(holders));
      return holders;
    }
    return List.of();
  }

  /**
   * Returns who may keep copies of a segment of a bucket's own. Ranges are divided instead, by the
   * node that leads; of those in which it finds nothing to divide there are copies as well.
   */
  private List<NodeId> act(
      OwnSegment segment,
      WatchedSegment watched,
      OwnSegments.Known known,
      HeatRules rules,
      Set<OwnSegment> owned,
      long now) {
    if (watched.hot()
        && rules.actsByItself()
        && known.divides()
        && !watched.hotFor(DIVIDED_WITHIN, now)) {
      watched.measure(
          "split", "the range %s is divided where its requests are".formatted(known.part()));
      return List.of();
    }
    return chooseHolders(
        watched,
        rules,
        ratesOf(segment.bucket(), owned),
        () -> candidates(segment, known.residency(), rules));
  }

  /** Returns how busy all is that this node owns of a bucket's own: leases are of all of it. */
  private SegmentTraffic.Rates ratesOf(BucketName bucket, Set<OwnSegment> owned) {
    return owned.stream()
        .filter(segment -> segment.bucket().equals(bucket))
        .map(options.heat.own()::rates)
        .reduce(SegmentTraffic.Rates.NONE, SegmentTraffic.Rates::and);
  }

  /** The next nodes in the segment's own order, so that different segments use different ones. */
  private List<NodeId> candidates(int segment, HeatRules rules, Placement placement) {
    List<NodeId> active = options.active.get();
    return placement.owners(segment).stream()
        .filter(node -> !node.equals(options.self) && active.contains(node))
        .limit(rules.mostHolders())
        .toList();
  }

  private List<NodeId> candidates(OwnSegment segment, Residency residency, HeatRules rules) {
    // Any order that differs from segment to segment and is the same each time.
    int hash = Math.floorMod(segment.hashCode(), SingleNodePlacement.SEGMENTS);
    List<NodeId> active = options.active.get();
    return options.placement.get().owners(hash).stream()
        .filter(node -> !node.equals(options.self) && active.contains(node))
        .filter(node -> residency.isAnywhere() || options.admits.test(residency, node))
        .limit(rules.mostHolders())
        .toList();
  }

  /** What is held is known when all of it has been counted; till then the budget stays. */
  private void setBudget(HeatRules rules) {
    boolean settled = options.heat.ledger().settled();
    if (options.copies.isEmpty() || limited && !settled) {
      return;
    }
    limited = true;
    long held = 0;
    for (int segment = 0; settled && segment < segments.length; segment++) {
      held += options.heat.ledger().of(segment).map(SegmentStock.Stock::bytes).orElse(0L);
    }
    for (OwnSegment segment : own.keySet()) {
      held +=
          options
              .heat
              .ownStock(segment.bucket(), segment.number())
              .map(SegmentStock.Stock::bytes)
              .orElse(0L);
    }
    options
        .copies
        .get()
        .limit(Math.max(LEAST_BUDGET, held / 100 * rules.mostMovedPercent()), rules.interval());
  }

  // ---- telling ---------------------------------------------------------------------------------

  /** Returns what is hot of what this node owns. */
  synchronized HeatMessages.HotAnswer own(boolean keys) {
    HeatRules rules = options.rules.get();
    long now = options.ticker.getAsLong();
    Instant time = options.clock.instant();
    List<HotShards.Shard> shards = new ArrayList<>();
    for (int segment = 0; segment < segments.length; segment++) {
      WatchedSegment watched = segments[segment];
      if (watched != null && watched.isShown()) {
        shards.add(
            watched.show(options.self, rules, time, now, holders(LeasePlace.hashed(segment))));
      }
    }
    own.forEach(
        (segment, watched) -> {
          if (watched.isShown()) {
            LeasePlace place = LeasePlace.own(segment.bucket());
            shards.add(watched.show(options.self, rules, time, now, holders(place)));
          }
        });
    shards.sort(Comparator.comparingDouble(HotShards.Shard::requestsPerSecond).reversed());
    int forecasts = (int) watched().filter(each -> each.forecast().isPresent()).count();
    return new HeatMessages.HotAnswer(
        shards,
        watched().flatMap(each -> each.foreseen(options.self, rules).stream()).toList(),
        keys ? hotKeys() : List.of(),
        new HotShards.Forecasts(options.self, forecasts, meanError(), early, wrong));
  }

  private List<NodeId> holders(LeasePlace place) {
    return options.copies.map(copies -> copies.holders(place)).orElse(List.of());
  }

  /** What is asked for here, of what others own too: copies answer in the owner's place. */
  private List<HotShards.Key> hotKeys() {
    return options.heat.keys().top(KEYS).stream()
        .flatMap(key -> ownerOf(key).map(owner -> show(key, owner)).stream())
        .toList();
  }

  private static HotShards.Key show(HotKeys.HotKey key, NodeId owner) {
    return new HotShards.Key(
        key.key().bucket(), key.key().key(), key.segment(), owner, key.perSecond(), key.least());
  }

  private Optional<NodeId> ownerOf(HotKeys.HotKey key) {
    return key.segment() < segments.length
        ? Optional.of(options.placement.get().owners(key.segment()).get(0))
        : options.own.find(key.key().bucket(), key.segment()).map(OwnSegments.Known::owner);
  }
}
