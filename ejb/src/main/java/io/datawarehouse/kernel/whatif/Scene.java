package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Nodes, who owns which segment, and what chooses between them. Immutable.
 *
 * @param nodes sorted by identity
 * @param owners the owner of each segment
 * @param chooser the strategy and its settings
 * @param keys who decides where a request with a key goes
 */
record Scene(
    List<Node> nodes,
    List<NodeId> owners,
    BalancingOffice.InForce chooser,
    WhatIfQuestion.Keys keys) {

  /** A node. Immutable. */
  record Node(NodeId id, double weight, String zone, double speed) {}

  Scene {
    nodes = List.copyOf(nodes);
    owners = List.copyOf(owners);
  }

  SortedMap<NodeId, Double> weights() {
    SortedMap<NodeId, Double> weights = new TreeMap<>();
    nodes.forEach(node -> weights.put(node.id, node.weight));
    return weights;
  }

  private int owner(TracedRequest request, int[] ofSegments) {
    int home = request.home().isPresent() ? number(request.home().get()) : -1;
    return home >= 0 ? home : ofSegments[KeyHash.segment(request.keyHash(), ofSegments.length)];
  }

  private int number(NodeId id) {
    for (int number = 0; number < nodes.size(); number++) {
      if (nodes.get(number).id.equals(id)) {
        return number;
      }
    }
    return -1;
  }

  /**
   * Returns how one sender chooses: with a selector of its own, which nobody else has. Where the
   * owner of a key is away the strategy chooses in its place.
   *
   * @param sender the node that sends; it need not be one of those that are there
   */
  LoadSimulation.Choice choice(NodeId sender, long seed) {
    List<CandidateTable.Candidate> candidates = new ArrayList<>();
    for (Node node : nodes) {
      candidates.add(
          new CandidateTable.Candidate(node.id, node.weight, node.zone, node.id.equals(sender)));
    }
    NodeSelector selector =
        chooser
            .strategy()
            .seeded(seed)
            .prepare(new CandidateTable(0, candidates), chooser.settings().config());
    int[] ofSegments = owners.stream().mapToInt(this::number).toArray();
    int here = chooser.settings().preferLocal() ? number(sender) : -1;
    return (request, signals) -> {
      if (!request.keyed()) {
        return here >= 0 ? here : selector.select(signals);
      }
      int owner = keys == WhatIfQuestion.Keys.OWNER ? owner(request, ofSegments) : -1;
      return owner >= 0 ? owner : selector.select(signals, request.keyHash());
    };
  }
}
