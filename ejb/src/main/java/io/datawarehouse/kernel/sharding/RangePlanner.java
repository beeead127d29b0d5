package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which range of a bucket is divided or put together with the next one, at most one at a
 * time. Pure. A range is divided when it holds or gets more than it may; two neighbours are put
 * together when both of them together stay under a quarter of that, by size and by rate. So what
 * was just divided is two halves, far over the quarter, and what was just put together can grow
 * fourfold before it is divided again: nothing swings.
 */
public final class RangePlanner {

  /** Two ranges together must stay under this share of what one may hold. */
  static final double MERGE_SHARE = 0.25;

  /**
   * What a range may hold and get. Immutable.
   *
   * @param mostBytes the most bytes, at least 1
   * @param mostRequestsPerSecond the most requests, more than 0
   * @param mostRanges the most ranges of a bucket, at least 1
   * @param dividesByRate whether a range that gets more is divided; else only its neighbours are
   *     judged by it
   */
  public record Limits(
      long mostBytes, double mostRequestsPerSecond, int mostRanges, boolean dividesByRate) {

    /** Makes limits by which ranges are divided by both. */
    public Limits(long mostBytes, double mostRequestsPerSecond, int mostRanges) {
      this(mostBytes, mostRequestsPerSecond, mostRanges, true);
    }

    /** Checks; the error names the field. */
    public Limits {
      if (mostBytes < 1) {
        throw WarehouseException.invalid("mostBytes", mostBytes, "must be at least 1");
      }
      if (!(mostRequestsPerSecond > 0)) {
        throw WarehouseException.invalid(
            "mostRequestsPerSecond", mostRequestsPerSecond, "must be more than 0");
      }
      if (mostRanges < 1) {
        throw WarehouseException.invalid("mostRanges", mostRanges, "must be at least 1");
      }
    }
  }

  /**
   * What is known of one range. Immutable.
   *
   * @param bytes how much it holds
   * @param requestsPerSecond how many requests it gets
   * @param middleBySize the key that divides what it holds in halves; empty where none does
   * @param middleByRate the key that divides its requests in halves; empty where none does, or
   *     nothing is known of them
   */
  public record Survey(
      long bytes,
      double requestsPerSecond,
      Optional<String> middleBySize,
      Optional<String> middleByRate) {}

  /** What is to be done. */
  public sealed interface Step {}

  /**
   * A range is divided.
   *
   * @param at where the new one begins
   * @param why in words
   */
  public record Split(String at, String why) implements Step {}

  /**
   * A range is put together with the next.
   *
   * @param range its number
   * @param why in words
   */
  public record Merge(int range, String why) implements Step {}

  private RangePlanner() {}

  /**
   * Returns what is to be done now; empty for nothing.
   *
   * @param map the bucket's map
   * @param surveys what is known of each range, in their order
   */
  public static Optional<Step> plan(ShardMap map, List<Survey> surveys, Limits limits) {
    requireAll(map, surveys);
    Optional<Step> split = Optional.empty();
    double most = 1;
    for (int range = 0; range < surveys.size() && surveys.size() < limits.mostRanges; range++) {
      Survey survey = surveys.get(range);
      double over = load(survey, limits);
      Optional<String> middle = middle(survey, limits).filter(dividing(map, range));
      if (over > most && middle.isPresent()) {
        most = over;
        split = Optional.of(new Split(middle.get(), why(range, survey, limits)));
      }
    }
    return split.isPresent() ? split : merge(map, surveys, limits);
  }

  /**
   * Returns how the busiest of some ranges that are hot is divided, in the middle of its requests;
   * empty where that is one key.
   *
   * @param map the bucket's map
   * @param surveys what is known of each range, in their order; sizes do not count
   * @param hot the numbers of the hot ranges
   * @param mostRanges the most ranges of a bucket
   */
  public static Optional<Split> divide(
      ShardMap map, List<Survey> surveys, Set<Integer> hot, int mostRanges) {
    requireAll(map, surveys);
    Optional<Split> split = Optional.empty();
    double most = 0;
    for (int range = 0; range < surveys.size() && surveys.size() < mostRanges; range++) {
      Survey survey = surveys.get(range);
      Optional<String> middle = survey.middleByRate.filter(dividing(map, range));
      if (hot.contains(range) && survey.requestsPerSecond > most && middle.isPresent()) {
        most = survey.requestsPerSecond;
        split =
            Optional.of(
                new Split(
                    middle.get(),
                    "range %d is hot with %.1f requests a second"
                        .formatted(range, survey.requestsPerSecond)));
      }
    }
    return split;
  }

  private static void requireAll(ShardMap map, List<Survey> surveys) {
    int ranges = map.choice().ranges().orElseThrow().splits().size() + 1;
    if (surveys.size() != ranges) {
      throw new IllegalArgumentException(surveys.size() + " surveys of " + ranges + " ranges");
    }
  }

  /** Tells keys that lie in a range and do not begin it. */
  private static Predicate<String> dividing(ShardMap map, int range) {
    List<String> splits = map.choice().ranges().orElseThrow().splits();
    return at -> !splits.contains(at) && map.choice().strategy().shardOf(at) == range;
  }

  private static Optional<Step> merge(ShardMap map, List<Survey> surveys, Limits limits) {
    Optional<Step> merge = Optional.empty();
    double least = MERGE_SHARE;
    for (int range = 0; range + 1 < surveys.size(); range++) {
      Survey one = surveys.get(range);
      Survey next = surveys.get(range + 1);
      double together =
          Math.max(
              bySize(one, limits) + bySize(next, limits),
              byRate(one, limits) + byRate(next, limits));
      if (together < least && map.alike(range)) {
        least = together;
        merge =
            Optional.of(
                new Merge(
                    range,
                    "ranges %d and %d together hold %d bytes and get %.1f requests a second"
                        .formatted(
                            range,
                            range + 1,
                            one.bytes + next.bytes,
                            one.requestsPerSecond + next.requestsPerSecond)));
      }
    }
    return merge;
  }

  private static Optional<String> middle(Survey survey, Limits limits) {
    return isBusierThanLarge(survey, limits)
        ? survey.middleByRate.or(survey::middleBySize)
        : survey.middleBySize;
  }

  private static double load(Survey survey, Limits limits) {
    return limits.dividesByRate
        ? Math.max(bySize(survey, limits), byRate(survey, limits))
        : bySize(survey, limits);
  }

  private static boolean isBusierThanLarge(Survey survey, Limits limits) {
    return limits.dividesByRate && byRate(survey, limits) > bySize(survey, limits);
  }

  private static double bySize(Survey survey, Limits limits) {
    return (double) survey.bytes / limits.mostBytes;
  }

  private static double byRate(Survey survey, Limits limits) {
    return survey.requestsPerSecond / limits.mostRequestsPerSecond;
  }

  private static String why(int range, Survey survey, Limits limits) {
    return isBusierThanLarge(survey, limits)
        ? "range %d gets %.1f requests a second, more than %.1f"
            .formatted(range, survey.requestsPerSecond, limits.mostRequestsPerSecond)
        : "range %d holds %d bytes, more than %d".formatted(range, survey.bytes, limits.mostBytes);
  }
}
