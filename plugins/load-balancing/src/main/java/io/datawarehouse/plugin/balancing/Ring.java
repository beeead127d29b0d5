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
 * Appleton, O'Reilly: Multi-probe Consistent Hashing, 2015. With 128 points and five places the
 * standard deviation of load is about 3 % of the mean; with one place it is 9 %.
 */
final class Ring {

  static final int NONE = -1;

  /** The bound of candidates that may have any number of requests under way. */
  static final double NO_BOUND = Double.POSITIVE_INFINITY;

  /** What calculating with fractions may have added to a bound that is a whole number. */
  private static final double ROUNDING = 1e-9;

  /** How many points a candidate of weight 1 has as a rule. */
  static final int USUAL_POINTS = 128;

  /** The most points of a candidate, in those of weight 1. */
  private static final int HEAVIEST = 32;

  private static final int PLACES = 5;
  private static final int PLACE_BITS = 31;
  private static final int AROUND = Integer.MAX_VALUE;

  /** How many points lie in one part of the ring, about. */
  private static final int POINTS_A_PART = 1;

  private static final long STEP = 0x9e3779b97f4a7c15L;

  /** Places on the ring, sorted, from 0 to the largest int. */
  private final int[] places;

  /** The candidate at each of these places. */
  private final int[] owners;

  /** For each part of the ring the first point in it or behind it. */
  private final int[] firsts;

  private final double[] weights;
  private final int shift;

  Ring(CandidateTable table, int pointsEach) {
    weights = table.candidates().stream().mapToDouble(Candidate::weight).toArray();
    long[] points = points(table, pointsEach);
    places = new int[points.length];
    owners = new int[points.length];
    for (int at = 0; at < points.length; at++) {
      places[at] = (int) (points[at] >>> Integer.SIZE);
      owners[at] = (int) points[at];
    }
    int parts = Math.max(1, points.length / POINTS_A_PART);
    int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(parts));
    shift = PLACE_BITS - bits;
    firsts = new int[1 << bits];
    int at = 0;
    for (int part = 0; part < firsts.length; part++) {
      while (at < places.length && places[at] >>> shift < part) {
        at++;
      }
      firsts[part] = at;
    }
  }

  /** Returns all points, sorted: the place in the high bits, the candidate in the low ones. */
  private static long[] points(CandidateTable table, int pointsEach) {
    int[] counts = table.candidates().stream().mapToInt(one -> count(one, pointsEach)).toArray();
    long[] points = new long[Arrays.stream(counts).sum()];
    int next = 0;
    for (int number = 0; number < counts.length; number++) {
      long name = KeyHash.mix(KeyHash.of(table.node(number).value()));
      for (int point = 1; point <= counts[number]; point++) {
        long place = place(KeyHash.mix(name), point);
        points[next++] = place << Integer.SIZE | number;
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
    if (places.length == 0) {
      return NONE;
    }
    // The distance in the high bits, so that the least number is the nearest point.
    long nearest = Long.MAX_VALUE;
    for (int probe = 0; probe < PLACES; probe++) {
      int place = place(hash, probe);
      int at = next(place);
      nearest = Math.min(nearest, (long) (places[at] - place & AROUND) << Integer.SIZE | at);
    }
    return owners[(int) nearest];
  }

  /**
   * Returns whose key it is among those that are usable and, with one request more, not over their
   * share of the bound; NONE where there is no such.
   *
   * @param bound how many requests under way each unit of weight may have, rounded up for each
   *     candidate
   */
  int find(long hash, NodeSignals signals, double bound) {
    int nearest = Integer.MAX_VALUE;
    int found = NONE;
    for (int probe = 0; probe < PLACES; probe++) {
      int place = place(hash, probe);
      int at = next(place);
      for (int step = 0; step < places.length; step++) {
        int distance = places[at] - place & AROUND;
        if (distance >= nearest) {
          break;
        }
        int number = owners[at];
        if (signals.usable(number) && fits(signals, number, bound)) {
          nearest = distance;
          found = number;
          break;
        }
        at = at + 1 < places.length ? at + 1 : 0;
      }
    }
    return found;
  }

  /** Returns whether a candidate may have one request more. */
  boolean fits(NodeSignals signals, int number, double bound) {
    return bound == NO_BOUND
        || signals.inFlight(number) + 1.0 <= Math.ceil(bound * weights[number] - ROUNDING);
  }

  private static int place(long hash, int number) {
    return (int) (KeyHash.mix(hash + number * STEP) >>> Long.SIZE - PLACE_BITS);
  }

  /** Returns the first point at a place or behind it. */
  private int next(int place) {
    int at = firsts[place >>> shift];
    while (at < places.length && places[at] < place) {
      at++;
    }
    return at < places.length ? at : 0;
  }
}
