package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
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
 */
final class SmoothSchedule {

  private static final int TURNS_EACH = 64;

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

  SmoothSchedule(CandidateTable table) {
    turns = alike(table) ? inOrder(table.size()) : spread(counts(table));
  }

  private static boolean alike(CandidateTable table) {
    return table.candidates().stream()
            .mapToDouble(CandidateTable.Candidate::weight)
            .distinct()
            .count()
        <= 1;
  }

  private static int[] inOrder(int size) {
    int[] turns = new int[size];
    for (int number = 0; number < size; number++) {
      turns[number] = number;
    }
    return turns;
  }

  /** How many turns of a round each candidate gets; at least one. */
  private static int[] counts(CandidateTable table) {
    int size = table.size();
    double all = 0;
    for (CandidateTable.Candidate candidate : table.candidates()) {
      all += candidate.weight();
    }
    int[] counts = new int[size];
    for (int number = 0; number < size; number++) {
      double share = table.candidates().get(number).weight() / all * size * TURNS_EACH;
      counts[number] = (int) Math.max(1, Math.round(share));
    }
    return counts;
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
