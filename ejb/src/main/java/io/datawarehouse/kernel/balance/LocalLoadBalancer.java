package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
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

/**
 * Does it here: the node that chooses, as long as it is usable, else the first one that is. The
 * strategy of a node that works alone. Immutable.
 */
public final class LocalLoadBalancer implements LoadBalancerStrategy {

  /** The name by which settings select it. */
  public static final String NAME = "local";

  @Override
  public String strategyName() {
    return NAME;
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new LocalFirst(table);
  }

  /** Immutable. */
  private static final class LocalFirst implements NodeSelector {

    private final CandidateTable table;
    private final int local;

    LocalFirst(CandidateTable table) {
      this.table = table;
      int found = NONE;
      for (int number = 0; number < table.size(); number++) {
        found = table.candidates().get(number).local() ? number : found;
      }
      this.local = found;
    }

    @Override
    public int select(NodeSignals signals) {
      if (local != NONE && signals.usable(local)) {
        return local;
      }
      for (int number = 0; number < table.size(); number++) {
        if (signals.usable(number)) {
          return number;
        }
      }
      return NONE;
    }

    @Override
    public int select(NodeSignals signals, long keyHash) {
      return select(signals);
    }

    @Override
    public RouteExplanation explain(NodeSignals signals, long keyHash) {
      int chosen = select(signals);
      List<CandidateScore> scores = new ArrayList<>();
      for (int number = 0; number < table.size(); number++) {
        scores.add(score(table.candidates().get(number), signals.usable(number)));
      }
      Optional<NodeId> node = chosen == NONE ? Optional.empty() : Optional.of(table.node(chosen));
      return new RouteExplanation(node, scores, because(chosen));
    }

    private static CandidateScore score(Candidate candidate, boolean usable) {
      String reason = usable ? "usable" : "not usable now";
      return new CandidateScore(
          candidate.node(),
          candidate.local() ? 0 : 1,
          !usable,
          candidate.local() ? reason + ", the node that chooses" : reason);
    }

    private String because(int chosen) {
      if (chosen == NONE) {
        return "no node is usable";
      }
      return chosen == local
          ? "the node that chooses is usable"
          : "the node that chooses is not usable, this is the first that is";
    }
  }
}
