package com.example.quietest;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The choice among one table's nodes. Thread-safe; choosing allocates nothing. */
final class QuietestSelector implements NodeSelector {

  private final CandidateTable table;
  private final double[] weights;

  /** Where looking begins, so that nodes that are equally quiet take turns. */
  private final AtomicInteger turn = new AtomicInteger();

  QuietestSelector(CandidateTable table) {
    this.table = table;
    this.weights =
        table.candidates().stream().mapToDouble(CandidateTable.Candidate::weight).toArray();
  }

  @Override
  public int select(NodeSignals signals) {
    return quietest(signals, turn.getAndIncrement());
  }

  @Override
  public int select(NodeSignals signals, long keyHash) {
    return select(signals);
  }

  private int quietest(NodeSignals signals, int first) {
    int best = NONE;
    double lowest = Double.POSITIVE_INFINITY;
    for (int step = 0; step < weights.length; step++) {
      int number = Math.floorMod(first + step, weights.length);
      double score = score(signals, number);
      if (score < lowest && signals.usable(number)) {
        best = number;
        lowest = score;
      }
    }
    return best;
  }

  private double score(NodeSignals signals, int number) {
    return (1.0 + signals.inFlight(number)) / (weights[number] * signals.warmth(number));
  }

  @Override
  public RouteExplanation explain(NodeSignals signals, long keyHash) {
    int chosen = quietest(signals, turn.get());
    List<CandidateScore> scores = new ArrayList<>();
    for (int number = 0; number < weights.length; number++) {
      boolean usable = signals.usable(number);
      scores.add(
          new CandidateScore(
              table.node(number),
              score(signals, number),
              !usable,
              usable ? signals.inFlight(number) + " requests under way" : "not usable now"));
    }
    Optional<NodeId> node = chosen == NONE ? Optional.empty() : Optional.of(table.node(chosen));
    return new RouteExplanation(
        node, scores, chosen == NONE ? "no node is usable" : "fewest requests for its weight");
  }
}
