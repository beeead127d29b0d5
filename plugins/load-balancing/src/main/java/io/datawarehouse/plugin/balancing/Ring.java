package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.cluster.KeyHash;
import java.util.Arrays;

/**
 * A ring on which every candidate has points, as many as its weight says. A key has a few places on
 * the ring; of the points that follow them the nearest to its place has the key. Where a candidate
 * is left out the key goes where it would go if the candidate had no points. Immutable; finding a
 * candidate allocates nothing.
 *
 * <p>Source: Karger, Lehman, Leighton, Panigrahy, Levine, Lewin: Consistent Hashing and Random
 * Trees, STOC 1997; several places for a key, which evens out what points at random leave uneven:
 * Appleton, O'Reilly: Multi-probe Consistent Hashing, 2015. With 128 points and six places the
 * standard deviation of load is about a fortieth of the mean; with one place it is an eleventh.
 */
final class Ring {

  static final int NONE = -1;

  /** The bound of candidates that may have any number of requests under way. */
  static final double NO_BOUND = Double.POSITIVE_INFINITY;

  /** How many points a candidate of weight 1 has as a rule. */
  static final int USUAL_POINTS = 128;

  /** The most points of a candidate, in those of weight 1. */
  private static final int HEAVIEST = 32;

  private static final int PLACES = 6;
  private static final int NUMBER_BITS = 20;
  private static final long NUMBER = (1L << NUMBER_BITS) - 1;
  private static final long AROUND = (1L << 63 - NUMBER_BITS) - 1;
  private static final long STEP = 0x9e3779b97f4a7c15L;

  /** Places on the ring, sorted, each with its candidate's number in the low bits. */
  private final long[] points;

  /** For each part of the ring the first point in it or behind it. */
  private final int[] firsts;

  private final double[] weights;
  private final int shift;

  Ring(CandidateTable table, int pointsEach) {
    points = place(table, pointsEach);
    weights = table.candidates().stream().mapToDouble(Candidate::weight).toArray();
    int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(points.length));
    shift = 63 - bits;
    firsts = new int[1 << bits];
    int point = 0;
    for (int part = 0; part < firsts.length; part++) {
      while (point < points.length && points[point] >>> shift < part) {
        point++;
      }
      firsts[part] = point;
    }
  }

  private static long[] place(CandidateTable table, int pointsEach) {
    int[] counts = table.candidates().stream().mapToInt(one -> count(one, pointsEach)).toArray();
    long[] points = new long[Arrays.stream(counts).sum()];
    int next = 0;
    for (int number = 0; number < counts.length; number++) {
      long name = KeyHash.mix(KeyHash.of(table.node(number).value()));
      for (int point = 1; point <= counts[number]; point++) {
        long place = KeyHash.mix(KeyHash.mix(name + point * STEP));
        points[next++] = place >>> 1 & ~NUMBER | number;
      }
    }
    Arrays.sort(points);
    return points;
  }

  /** A weight counts by itself, not compared to others', so that a join moves nothing else. */
  private static int count(Candidate candidate, int pointsEach) {
    double wanted = candidate.weight() * pointsEach;
    return (int) Math.max(1, Math.min((long) HEAVIEST * pointsEach, Math.round(wanted)));
  }

  /** Returns whose key it is, whoever that is. */
  int find(long hash) {
    if (points.length == 0) {
      return NONE;
    }
    long nearest = Long.MAX_VALUE;
    long found = 0;
    for (int probe = 0; probe < PLACES; probe++) {
      long place = place(hash, probe);
      long point = points[next(place)];
      long distance = distance(place, point);
      if (distance < nearest) {
        nearest = distance;
        found = point;
      }
    }
    return (int) (found & NUMBER);
  }

  /**
   * Returns whose key it is among those that are usable and, with one request more, not over their
   * share of the bound; NONE where there is no such.
   *
   * @param bound how many requests under way each unit of weight may have, rounded up for each
   *     candidate
   */
  int find(long hash, NodeSignals signals, double bound) {
    long nearest = Long.MAX_VALUE;
    int found = NONE;
    for (int probe = 0; probe < PLACES; probe++) {
      long place = place(hash, probe);
      int at = next(place);
      for (int step = 0; step < points.length; step++) {
        long point = points[at];
        long distance = distance(place, point);
        if (distance >= nearest) {
          break;
        }
        int number = (int) (point & NUMBER);
        if (signals.usable(number) && fits(signals, number, bound)) {
          nearest = distance;
          found = number;
          break;
        }
        at = at + 1 < points.length ? at + 1 : 0;
      }
    }
    return found;
  }

  /** Returns whether a candidate may have one request more. */
  boolean fits(NodeSignals signals, int number, double bound) {
    return bound == NO_BOUND
        || signals.inFlight(number) + 1.0 <= Math.ceil(bound * weights[number]);
  }

  private static long place(long hash, int probe) {
    return KeyHash.mix(hash + probe * STEP) >>> 1;
  }

  private int next(long place) {
    long wanted = place & ~NUMBER;
    int at = firsts[(int) (place >>> shift)];
    while (at < points.length && points[at] < wanted) {
      at++;
    }
    return at < points.length ? at : 0;
  }

  private static long distance(long place, long point) {
    return (point >>> NUMBER_BITS) - (place >>> NUMBER_BITS) & AROUND;
  }
}
