package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.cluster.KeyHash;
import java.util.Arrays;

/**
 * A ring on which every candidate has points, as many as its weight says. A key belongs to one of
 * {@value #SLOTS} slots, a slot has a few places on the ring; of the points that follow them the
 * nearest to its place has the slot. Where a candidate is left out its slots go where they would go
 * if it had no points. How many slots there are hangs on nothing, so that a candidate that comes
 * takes slots but moves none between others.
 *
 * <p>Whose a slot is, is looked for when it is first asked for and kept from then on: finding a
 * candidate is reading one number of a table of a megabyte. Immutable as seen from outside,
 * thread-safe: two threads may look for the same slot at once and find the same. Finding a
 * candidate allocates nothing.
 *
 * <p>Source: Karger, Lehman, Leighton, Panigrahy, Levine, Lewin: Consistent Hashing and Random
 * Trees, STOC 1997; several places, which even out what points at random leave uneven: Appleton,
 * O'Reilly: Multi-probe Consistent Hashing, 2015; slots that never change in number: DeCandia et
 * al.: Dynamo, SOSP 2007. With 128 points and eight places the standard deviation of load is 1/√15
 * of that of one place, 2.3 % of the mean; n candidates share slots, which adds √(n / slots), 4.4 %
 * for 1,000 of them.
 */
final class Ring {

  static final int NONE = -1;

  /** How many points a candidate of weight 1 has as a rule. */
  static final int USUAL_POINTS = 128;

  /** How many slots keys belong to; never another number, or keys would move. */
  static final int SLOTS = 1 << 19;

  private static final int SLOT_BITS = Integer.numberOfTrailingZeros(SLOTS);

  /** The most points of a candidate, in those of weight 1. */
  private static final int HEAVIEST = 32;

  private static final int PLACES = 8;
  private static final int PLACE_BITS = 31;
  private static final int NUMBER_BITS = 31;
  private static final long NUMBERS = (1L << NUMBER_BITS) - 1;

  /** Once around, as a point counts it. */
  private static final long AROUND = 1L << PLACE_BITS + NUMBER_BITS;

  private static final long STEP = 0x9e3779b97f4a7c15L;

  /** Whose each slot is, one more than the number; 0 where nobody has asked yet. */
  private final char[] owners;

  /**
   * The points in their order, each the place in the high bits and the candidate in the low ones,
   * in an array with gaps. A point lies where the high bits of its place say, or at the next free
   * index; a gap holds the point that follows. So whoever begins where a place says has the point
   * behind it there or a step or two further on. The last is the first once more, once around.
   */
  private final long[] points;

  private final int shift;

  Ring(CandidateTable table, int pointsEach) {
    long[] sorted = sorted(table, pointsEach);
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * sorted.length);
    owners = new char[table.size() == 0 ? 0 : SLOTS];
    shift = PLACE_BITS - Math.max(1, bits);
    points = sorted.length == 0 ? sorted : spread(sorted, 1 << bits, shift);
  }

  /** Returns all points in their order. */
  private static long[] sorted(CandidateTable table, int pointsEach) {
    int[] counts = table.candidates().stream().mapToInt(one -> count(one, pointsEach)).toArray();
    long[] points = new long[Arrays.stream(counts).sum()];
    int next = 0;
    for (int number = 0; number < counts.length; number++) {
      long name = KeyHash.mix(KeyHash.mix(KeyHash.of(table.node(number).value())));
      for (int point = 1; point <= counts[number]; point++) {
        points[next++] = place(name, point) | number;
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

  private static long[] spread(long[] sorted, int length, int shift) {
    long[] points = new long[length + sorted.length + 1];
    int next = 0;
    for (long point : sorted) {
      int home = Math.max(next, (int) (point >>> NUMBER_BITS + shift));
      Arrays.fill(points, next, home + 1, point);
      next = home + 1;
    }
    int end = Math.max(next + 1, length);
    Arrays.fill(points, next, end, sorted[0] + AROUND);
    return Arrays.copyOf(points, end);
  }

  /** Returns whose key it is, whoever that is. */
  int find(long hash) {
    if (owners.length == 0) {
      return NONE;
    }
    int slot = slot(hash);
    int owner = owners[slot];
    return owner > 0 ? owner - 1 : look(slot);
  }

  private int look(int slot) {
    long nearest = Long.MAX_VALUE;
    for (int probe = 0; probe < PLACES; probe++) {
      long place = place(slot, probe);
      nearest = Math.min(nearest, points[next(place)] - place);
    }
    int owner = (int) (nearest & NUMBERS);
    if (owner < Character.MAX_VALUE) {
      owners[slot] = (char) (owner + 1);
    }
    return owner;
  }

  /** Returns whose key it is among those that are usable; NONE where there is no such. */
  int find(long hash, NodeSignals signals) {
    int slot = slot(hash);
    long nearest = Long.MAX_VALUE;
    for (int probe = 0; probe < PLACES && points.length > 0; probe++) {
      long place = place(slot, probe);
      int at = next(place);
      for (int step = 0; step < points.length && points[at] - place < nearest; step++) {
        if (signals.usable((int) (points[at] & NUMBERS))) {
          nearest = points[at] - place;
        }
        at++;
        if (at == points.length) {
          at = 0;
          place -= AROUND;
        }
      }
    }
    return nearest == Long.MAX_VALUE ? NONE : (int) (nearest & NUMBERS);
  }

  private static int slot(long hash) {
    return (int) (KeyHash.mix(hash) >>> Long.SIZE - SLOT_BITS);
  }

  /** Returns a place on the ring, as a point of the candidate 0 would have it. */
  private static long place(long of, int number) {
    return KeyHash.mix(of + number * STEP) >>> Long.SIZE - PLACE_BITS << NUMBER_BITS;
  }

  /** Returns the index of the first point at a place or behind it. */
  private int next(long place) {
    int at = (int) (place >>> NUMBER_BITS + shift);
    while (points[at] < place) {
      at++;
    }
    return at;
  }
}
