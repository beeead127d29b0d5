package io.datawarehouse.kernel.sharding;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.sharding.Spread;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A sharding strategy by name, with its parameters read and checked. Immutable.
 *
 * @param scheme the name
 * @param options the parameters
 * @param strategy what was made of them
 * @param ranges the ranges, where there are any
 */
public record ShardingChoice(
    ShardingScheme scheme,
    ShardingOptions options,
    ShardingStrategy strategy,
    Optional<Ranges> ranges) {

  /** The most ranges of a bucket. */
  public static final int MOST_RANGES = RangeSharding.MOST_RANGES;

  /** How many segments a shard gets that several nodes may hold, where nobody says. */
  static final int STANDARD_WAYS = 16;

  /** The most segments that one bucket may have for itself. */
  static final int MOST_OWN_SEGMENTS = 4096;

  private static final String FIELD = "shardingOptions";

  /**
   * Ranges and when they are divided. Immutable.
   *
   * @param splits where each range but the first begins, in order
   * @param mostBytes how much a range holds before it is divided, 1 MiB or more; empty for the
   *     standard
   * @param mostRequestsPerSecond how many requests a range gets before it is divided, 1 or more;
   *     empty for what makes a shard hot
   */
  public record Ranges(
      List<String> splits, OptionalLong mostBytes, OptionalInt mostRequestsPerSecond) {

    /** Checks and copies; the error names the field. */
    public Ranges {
      splits = List.copyOf(splits);
      if (mostBytes.isPresent() && mostBytes.getAsLong() < 1 << 20) {
        throw WarehouseException.invalid("mostBytes", mostBytes.getAsLong(), "use 1048576 or more");
      }
      if (mostRequestsPerSecond.isPresent() && mostRequestsPerSecond.getAsInt() < 1) {
        throw WarehouseException.invalid(
            "mostRequestsPerSecond", mostRequestsPerSecond.getAsInt(), "use 1 or more");
      }
    }

    Ranges withSplits(List<String> others) {
      return new Ranges(others, mostBytes, mostRequestsPerSecond);
    }
  }

  /** Where a rule lets its keys lie. */
  private record Place(Set<String> zones, Set<String> regions, Map<String, Set<String>> labels) {

    Residency residency(String field) {
      if (!regions.isEmpty() && labels.containsKey(Residency.REGION)) {
        throw WarehouseException.invalid(field, regions, "give the region once");
      }
      return Residency.inZones(zones)
          .and(Residency.inRegions(regions))
          .flatMap(both -> both.and(new Residency(Set.of(), Set.of(), labels)))
          .orElseThrow();
    }
  }

  private record Rule(
      Optional<String> prefix,
      Set<String> zones,
      Set<String> regions,
      Map<String, Set<String>> labels) {}

  private record Geography(Optional<Place> residency, List<Rule> rules, OptionalInt ways) {}

  private record Directory(List<Line> entries) {}

  private record Line(
      Optional<String> prefix,
      Optional<String> key,
      Optional<NodeId> node,
      Set<String> zones,
      Set<String> regions,
      Map<String, Set<String>> labels,
      OptionalInt ways) {}

  private record Composition(
      Optional<String> first,
      Optional<ShardingOptions> options,
      Optional<String> within,
      OptionalInt ways) {}

  /** What takes no parameters. */
  private record Nothing() {}

  /**
   * Makes a strategy.
   *
   * @param name as a bucket names it
   * @param options its parameters; those that are left out have defaults
   * @throws WarehouseException {@code INVALID_ARGUMENT} or {@code INVALID_JSON}, naming {@code
   *     sharding} where the name is not known, or the parameter
   */
  public static ShardingChoice of(String name, Optional<ShardingOptions> options) {
    return of(schemeOf("sharding", name), options.orElse(ShardingOptions.NONE));
  }

  private static ShardingScheme schemeOf(String field, String name) {
    return Arrays.stream(ShardingScheme.values())
        .filter(scheme -> scheme.id().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                WarehouseException.invalid(
                    field,
                    name,
                    "known are "
                        + Arrays.stream(ShardingScheme.values())
                            .map(ShardingScheme::id)
                            .collect(Collectors.joining(", "))));
  }

  private static ShardingChoice of(ShardingScheme scheme, ShardingOptions options) {
    ShardingChoice made = inOptions(() -> make(scheme, options));
    int own = made.strategy.shards().stream().mapToInt(shard -> shard.spread().ways()).sum();
    if (own > MOST_OWN_SEGMENTS) {
      throw WarehouseException.invalid(
          FIELD, own + " segments", "at most " + MOST_OWN_SEGMENTS + ": use fewer ways");
    }
    return made;
  }

  private static ShardingChoice make(ShardingScheme scheme, ShardingOptions options) {
    return switch (scheme) {
      case NONE -> plain(scheme, options, WholeBucket.NONE);
      case HASH -> plain(scheme, options, WholeBucket.HASH);
      case RANGE -> {
        Ranges ranges = read(options, Ranges.class);
        yield new ShardingChoice(
            scheme, options, new RangeSharding(ranges.splits), Optional.of(ranges));
      }
      case DIRECTORY ->
          new ShardingChoice(
              scheme, options, directory(read(options, Directory.class)), Optional.empty());
      case GEOGRAPHIC ->
          new ShardingChoice(
              scheme, options, geography(read(options, Geography.class)), Optional.empty());
      case COMPOSITE -> compose(options, read(options, Composition.class));
    };
  }

  private static ShardingChoice plain(
      ShardingScheme scheme, ShardingOptions options, ShardingStrategy strategy) {
    read(options, Nothing.class);
    return new ShardingChoice(scheme, options, strategy, Optional.empty());
  }

  // ---- directory
  // ---------------------------------------------------------------------------------

  private static ShardingStrategy directory(Directory directory) {
    List<PrefixSharding.Entry> entries = new ArrayList<>();
    for (Line line : directory.entries) {
      if (line.prefix.isPresent() == line.key.isPresent()) {
        throw WarehouseException.invalid(
            "entries", line.prefix.orElse("no prefix"), "give prefix or key in each, not both");
      }
      boolean whole = line.key.isPresent();
      String text = line.key.or(line::prefix).orElseThrow();
      entries.add(new PrefixSharding.Entry(text, whole, shardOf(line, text, whole)));
    }
    return new PrefixSharding(ShardingScheme.DIRECTORY.id(), "entries", entries, rest());
  }

  private static Shard shardOf(Line line, String text, boolean whole) {
    Residency residency = new Place(line.zones, line.regions, line.labels).residency("entries");
    if (line.node.isPresent()) {
      residency = residency.and(Residency.on(line.node.get())).orElseThrow();
    }
    if (residency.isAnywhere()) {
      throw WarehouseException.invalid(
          "entries", text, "say where: give node, zones, regions or labels");
    }
    return new Shard(
        (whole ? "key " : "prefix ") + text,
        "the directory's entry for "
            + (whole ? "the key '" : "keys that begin with '")
            + text
            + "' says "
            + residency,
        residency,
        Spread.own(line.ways.orElse(line.node.isPresent() ? 1 : STANDARD_WAYS)));
  }

  private static Shard rest() {
    return new Shard(
        "rest",
        "no rule names the key; a hash of bucket and key decides among the cluster's segments",
        Residency.ANYWHERE,
        Spread.CLUSTER);
  }

  // ---- geography
  // ---------------------------------------------------------------------------------

  private static ShardingStrategy geography(Geography geography) {
    Residency everywhere =
        geography.residency.map(place -> place.residency("residency")).orElse(Residency.ANYWHERE);
    if (everywhere.isAnywhere() && geography.rules.isEmpty()) {
      throw WarehouseException.invalid(
          "residency", null, "give residency, rules or both, with zones, regions or labels");
    }
    int ways = geography.ways.orElse(STANDARD_WAYS);
    List<PrefixSharding.Entry> entries = new ArrayList<>();
    for (Rule rule : geography.rules) {
      String prefix =
          rule.prefix.orElseThrow(
              () -> WarehouseException.invalid("rules", null, "give prefix in each"));
      Residency own = new Place(rule.zones, rule.regions, rule.labels).residency("rules");
      if (own.isAnywhere()) {
        throw WarehouseException.invalid(
            "rules", prefix, "say where: give zones, regions or labels");
      }
      entries.add(
          new PrefixSharding.Entry(
              prefix,
              false,
              resident("prefix " + prefix, narrowed(everywhere, own, prefix), ways)));
    }
    return new PrefixSharding(
        ShardingScheme.GEOGRAPHIC.id(),
        "rules",
        entries,
        everywhere.isAnywhere() ? rest() : resident("bucket", everywhere, ways));
  }

  /** What holds for the whole bucket holds for each of its keys, whatever a rule says. */
  private static Residency narrowed(Residency everywhere, Residency own, String prefix) {
    return everywhere
        .and(own)
        .orElseThrow(
            () ->
                WarehouseException.invalid(
                    "rules", prefix, "allows no node that the bucket's residency allows too"));
  }

  private static Shard resident(String name, Residency residency, int ways) {
    return new Shard(
        name,
        "the residency rule of the " + name + " says " + residency,
        residency,
        Spread.own(ways));
  }

  // ---- composition
  // -------------------------------------------------------------------------------

  private static ShardingChoice compose(ShardingOptions options, Composition composition) {
    ShardingScheme first = schemeOf("first", composition.first.orElse(ShardingScheme.RANGE.id()));
    if (first == ShardingScheme.COMPOSITE
        || first == ShardingScheme.NONE
        || first == ShardingScheme.HASH) {
      throw WarehouseException.invalid("first", first.id(), "use range, directory or geographic");
    }
    composition.within.ifPresent(
        within -> {
          if (!within.equals(ShardingScheme.HASH.id())) {
            throw WarehouseException.invalid("within", within, "only hash divides within");
          }
        });
    ShardingOptions outer = composition.options.orElse(ShardingOptions.NONE);
    ShardingChoice chosen = inField("options", () -> make(first, outer));
    return new ShardingChoice(
        ShardingScheme.COMPOSITE,
        options,
        new HashWithin(chosen.strategy, composition.ways.orElse(STANDARD_WAYS)),
        chosen.ranges);
  }

  /** Returns this choice with other ranges. */
  ShardingChoice withSplits(List<String> splits) {
    ShardingOptions next = text(ranges.orElseThrow().withSplits(splits));
    if (scheme == ShardingScheme.COMPOSITE) {
      Composition now = read(options, Composition.class);
      next = text(new Composition(now.first, Optional.of(next), now.within, now.ways));
    }
    return of(scheme, next);
  }

  // ---- reading
  // -----------------------------------------------------------------------------------

  private static <T> T read(ShardingOptions options, Class<T> type) {
    return Json.read(options.json().getBytes(StandardCharsets.UTF_8), type);
  }

  /** Writes options in the one form that they have. */
  private static ShardingOptions text(Object options) {
    return Json.read(Json.write(options), ShardingOptions.class);
  }

  private static <T> T inOptions(Supplier<T> work) {
    return inField(FIELD, work);
  }

  /** Says of an error in which field it is. */
  private static <T> T inField(String field, Supplier<T> work) {
    try {
      return work.get();
    } catch (WarehouseException e) {
      if (e.code() != StandardErrorCode.INVALID_ARGUMENT
          && e.code() != StandardErrorCode.INVALID_JSON) {
        throw e;
      }
      throw new WarehouseException(e.code(), field + "." + e.detail(), e.attributes(), e);
    }
  }
}
