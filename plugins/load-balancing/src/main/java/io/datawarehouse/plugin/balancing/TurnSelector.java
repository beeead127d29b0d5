package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A selector whose choice follows from the number of the turn and the signals alone, so that it can
 * be explained without taking the turn. Thread-safe where its subclass keeps nothing.
 */
abstract class TurnSelector implements NodeSelector {

  final CandidateTable table;
  final int size;
  final Turns turns;

  TurnSelector(CandidateTable table, long seed, int step) {
    this.table = table;
    this.size = table.size();
    this.turns = new Turns(seed, step);
  }

  TurnSelector(CandidateTable table, long seed) {
    this(table, seed, 1);
  }

  /** Chooses among one candidate at least; keeps nothing. */
  abstract int choose(NodeSignals signals, long turn);

  /** Returns what the strategy compares, lower is better; NaN where it compares nothing. */
  abstract double score(NodeSignals signals, int number);

  /** Returns how that score came about, in words. */
  abstract String reason(NodeSignals signals, int number);

  /** Returns why the chosen one was chosen, in words. */
  abstract String because(NodeSignals signals, long turn);

  @Override
  public int select(NodeSignals signals) {
    return size == 0 ? NONE : choose(signals, turns.take());
  }

  @Override
  public int select(NodeSignals signals, long keyHash) {
    return select(signals);
  }

  @Override
  public RouteExplanation explain(NodeSignals signals, long keyHash) {
    long turn = turns.peek();
    return explained(signals, size == 0 ? NONE : choose(signals, turn), because(signals, turn));
  }

  /** Returns the explanation of a choice. */
  final RouteExplanation explained(NodeSignals signals, int chosen, String because) {
    List<CandidateScore> scores = new ArrayList<>(size);
    for (int number = 0; number < size; number++) {
      boolean left = number != chosen && !signals.usable(number);
      scores.add(
          new CandidateScore(
              table.node(number),
              score(signals, number),
              left,
              left ? "not usable now" : reason(signals, number)));
    }
    return new RouteExplanation(
        chosen == NONE ? Optional.empty() : Optional.of(table.node(chosen)),
        scores,
        chosen == NONE ? "no node is usable" : because);
  }

  /**
   * Returns whether a candidate takes part in this turn: always when it is warm, else as often as
   * it is warm.
   */
  final boolean takesPart(NodeSignals signals, int number, long turn) {
    double warmth = signals.warmth(number);
    return warmth >= 1 || Turns.share(turns.draw(turn, -1 - number)) < warmth;
  }

  /** Returns a usable candidate, however cold, the first from a place on; NONE without any. */
  final int anyUsable(NodeSignals signals, long turn) {
    int start = Turns.below(turns.draw(turn, 0), size);
    for (int step = 0; step < size; step++) {
      int number = start + step < size ? start + step : start + step - size;
      if (signals.usable(number)) {
        return number;
      }
    }
    return NONE;
  }
}
