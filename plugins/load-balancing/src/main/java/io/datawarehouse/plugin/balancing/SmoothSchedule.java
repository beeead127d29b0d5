package io.datawarehouse.plugin.balancing;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A round of turns in which every candidate has turns by its weight, spread as evenly as whole
 * turns allow: after any number of turns a candidate has had its share of them, less or more by
 * under one. Immutable.
 *
 * <p>Each turn of a candidate has a window in which it is due: the k-th of c in a round of L turns
 * lies from k·L/c to (k+1)·L/c, outwards to whole turns. Of all that are due the one whose window
 * ends first has its turn (Baruah, Cohen, Plaxton, Varvel: Proportionate Progress, Algorithmica 15,
 * 1996; Tijdeman: The Chairman Assignment Problem, 1980). The result is as smooth as the weighted
 * round robin of nginx (Sysoev), is made once, and is read without a lock.
 *
 * <p>Where weights are as whole numbers to each other a round has just as many turns, so that 5, 1
 * and 1 have 5, 1 and 1 of any 7. Else the smallest weight gets {@value #ROUNDED} turns, and the
 * others by theirs, to the nearest whole one: less than 1 % off. A round has {@value #MOST_TURNS}
 * turns at most; where weights differ so much that this is not enough, one turn at least.
 */
final class SmoothSchedule {

  /** How many times the smallest weight is tried to make all of them whole. */
  private static final int MOST_TIMES = 64;

  /** How many turns the smallest weight gets where nothing makes all of them whole. */
  private static final int ROUNDED = 64;

  private static final int MOST_TURNS = 65_536;

  /** What calculating with fractions may have added to a whole number. */
  private static final double WHOLE = 1e-9;

  /** A turn of a candidate and its window. */
  private record Due(int candidate, long from, long to, int count, int turn) {
    static Due of(int candidate, int turn, int count, int round) {
      long from = (long) turn * round / count;
      long to = ((long) (turn + 1) * round + count - 1) / count;
      return new Due(candidate, from, to, count, turn);
    }
  }

  private static final Comparator<Due> BY_START =
      Comparator.comparingLong(Due::from).thenComparingInt(Due::candidate);
  private static final Comparator<Due> BY_END =
      Comparator.comparingLong(Due::to).thenComparingInt(Due::candidate);

  private final int[] turns;

  /**
   * Makes a round.
   *
   * @param weights those of all candidates, more than 0
   */
  SmoothSchedule(double[] weights) {
    turns = weights.length == 0 ? new int[0] : spread(counts(weights));
  }

  /** How many turns of a round each candidate gets; at least one. */
  private static int[] counts(double[] weights) {
    double least = Arrays.stream(weights).min().orElseThrow();
    for (int times = 1; times <= MOST_TIMES; times++) {
      double factor = times / least;
      if (Arrays.stream(weights).allMatch(weight -> whole(weight * factor))) {
        double sum = Arrays.stream(weights).map(weight -> Math.rint(weight * factor)).sum();
        if (sum > Math.max(MOST_TURNS, weights.length)) {
          break;
        }
        return rounded(weights, factor);
      }
    }
    double all = Arrays.stream(weights).sum();
    return rounded(weights, Math.min(ROUNDED / least, MOST_TURNS / all));
  }

  private static boolean whole(double number) {
    return Math.abs(number - Math.rint(number)) <= WHOLE;
  }

  private static int[] rounded(double[] weights, double factor) {
    return Arrays.stream(weights)
        .mapToInt(weight -> (int) Math.max(1, Math.rint(weight * factor)))
        .toArray();
  }

  private static int[] spread(int[] counts) {
    int round = 0;
    for (int count : counts) {
      round += count;
    }
    PriorityQueue<Due> waiting = new PriorityQueue<>(BY_START);
    PriorityQueue<Due> due = new PriorityQueue<>(BY_END);
    for (int candidate = 0; candidate < counts.length; candidate++) {
      waiting.add(Due.of(candidate, 0, counts[candidate], round));
    }
    int[] turns = new int[round];
    for (int turn = 0; turn < round; turn++) {
      while (!waiting.isEmpty() && waiting.peek().from <= turn) {
        due.add(waiting.remove());
      }
      Due next = due.isEmpty() ? waiting.remove() : due.remove();
      turns[turn] = next.candidate;
      if (next.turn + 1 < next.count) {
        waiting.add(Due.of(next.candidate, next.turn + 1, next.count, round));
      }
    }
    return turns;
  }

  /** Returns how many turns a round has. */
  int length() {
    return turns.length;
  }

  /** Returns whose turn it is. */
  int at(long turn) {
    return turns[(int) (turn % turns.length)];
  }
}
