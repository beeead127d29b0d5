package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.NodeSignals;

/**
 * Draws two usable candidates by weight and takes the better.
 *
 * <p>Source: Mitzenmacher: The Power of Two Choices in Randomized Load Balancing, IEEE Transactions
 * on Parallel and Distributed Systems 12, 2001; that it bears old information well, where looking
 * at all does not: Mitzenmacher, How Useful Is Old Information?, the same journal 11, 2000.
 */
abstract class PairSelector extends TurnSelector {

  private static final int ATTEMPTS = 12;

  private final WeightedDraw weighted;
  private final int choices;

  PairSelector(CandidateTable table, long seed, int choices) {
    super(table, seed);
    this.weighted = new WeightedDraw(table);
    this.choices = choices;
  }

  /** Returns whether the second is better than the first; both are usable. */
  abstract boolean better(NodeSignals signals, int first, int second);

  @Override
  final int choose(NodeSignals signals, long turn) {
    int first = NONE;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      int number = weighted.draw(turns.draw(turn, attempt));
      if (number == first || !signals.usable(number) || !takesPart(signals, number, turn)) {
        continue;
      }
      if (first != NONE) {
        return better(signals, first, number) ? number : first;
      }
      first = number;
      if (choices == 1) {
        return first;
      }
    }
    return first == NONE ? anyUsable(signals, turn) : first;
  }
}
