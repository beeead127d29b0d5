package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One node after the other, those left out that are not usable. Immutable. */
public final class RoundRobinLoadBalancer implements LoadBalancerStrategy {

  @Override
  public String strategyName() {
    return BalancingAlgorithms.ROUND_ROBIN;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new InTurn(table);
  }

  /** Thread-safe. */
  private static final class InTurn implements NodeSelector {

    private final CandidateTable table;
    private final AtomicInteger turn = new AtomicInteger();

    InTurn(CandidateTable table) {
      this.table = table;
    }

    @Override
    public int select(NodeSignals signals) {
      return table.size() == 0 ? NONE : from(signals, turn.getAndIncrement());
    }

    @Override
    public int select(NodeSignals signals, long keyHash) {
      return select(signals);
    }

    private int from(NodeSignals signals, int start) {
      int size = table.size();
      int first = Integer.remainderUnsigned(start, size);
      for (int step = 0; step < size; step++) {
        int number = first + step < size ? first + step : first + step - size;
        if (signals.usable(number)) {
          return number;
        }
      }
      return NONE;
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      int chosen = table.size() == 0 ? NONE : from(signals, turn.get());
      List<CandidateScore> scores = new ArrayList<>();
      for (int number = 0; number < table.size(); number++) {
        boolean usable = signals.usable(number);
        String reason = usable ? "usable" : "not usable now";
        scores.add(new CandidateScore(table.node(number), Double.NaN, !usable, reason));
      }
      Optional<NodeId> node = chosen == NONE ? Optional.empty() : Optional.of(table.node(chosen));
      return new RouteExplanation(
          node, scores, chosen == NONE ? "no node is usable" : "it is this one's turn");
    }
  }
}
