package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells where a message would go and why, in words. */
final class RouteExplainer {

  private static final String HOLDS =
      "the segment is hot, and this node has a lease on copies of it; what it has no copy of it"
          + " fetches from the owner";

  private RouteExplainer() {}

  static RouteAnswer explain(
      Route route,
      Optional<String> key,
      Placement placement,
      boolean preferLocal,
      NodeId self,
      FederatedMessageBus.LocalCopies copies) {
    return key.isPresent()
        ? withKey(route, key.get(), placement, copies)
        : withoutKey(route, preferLocal, self);
  }

  private static RouteAnswer withKey(
      Route route, String key, Placement placement, FederatedMessageBus.LocalCopies copies) {
    long hash = KeyHash.of(key);
    int segment = KeyHash.segment(hash, placement.segments());
    List<NodeId> owners = placement.owners(segment);
    PeerNode holder = route.ownerOnly && copies.answer(route.topic, segment) ? route.here() : null;
    PeerNode chosen =
        holder != null
            ? holder
            : route.ownerOnly ? route.owner(owners.get(0)) : route.affine(owners, hash, null);
    List<CandidateScore> candidates = new ArrayList<>();
    List<Route.Target> targets = route.targets();
    for (int number = 0; number < targets.size(); number++) {
      NodeId node = targets.get(number).node().id;
      int rank = owners.indexOf(node);
      boolean holds = holder != null && node.equals(holder.id);
      boolean onlyOther = route.ownerOnly && rank != 0 && !holds;
      String excluded =
          holds ? HOLDS : onlyOther ? "only the owner may answer" : route.excludedBecause(number);
      candidates.add(
          new CandidateScore(
              node,
              rank < 0 ? owners.size() : rank,
              onlyOther || !route.usable(number),
              excluded.isEmpty() ? place(rank) : excluded));
    }
    return new RouteAnswer(
        route.topic,
        Optional.of(key),
        OptionalInt.of(segment),
        holder != null ? "copies" : route.ownerOnly ? "owner" : "affinity",
        Optional.ofNullable(chosen).map(node -> node.id),
        candidates,
        holder != null ? HOLDS : because(route, owners, chosen));
  }

  private static String place(int rank) {
    return switch (rank) {
      case -1 -> "it does not own the key's segment";
      case 0 -> "it owns the key's segment";
      default -> "it is number " + (rank + 1) + " of the segment's owners";
    };
  }

  private static String because(
      Route route, List<NodeId> owners, @org.jspecify.annotations.Nullable PeerNode chosen) {
    if (route.size() == 0) {
      return "nobody handles the topic";
    }
    if (chosen == null) {
      return route.ownerOnly
          ? "only the owner, " + owners.get(0) + ", may answer, and it is away"
          : "no node that handles the topic can be reached";
    }
    if (chosen.id.equals(owners.get(0))) {
      return "it owns the key's segment";
    }
    return owners.contains(chosen.id)
        ? "it is the first of the segment's owners that is usable and handles the topic"
        : "none of the segment's owners is usable and handles the topic; all nodes agree on this"
            + " one in their place";
  }

  private static RouteAnswer withoutKey(Route route, boolean preferLocal, NodeId self) {
    RouteExplanation explained = route.selector().explain(route, 0);
    List<CandidateScore> candidates = new ArrayList<>();
    for (int number = 0; number < explained.candidates().size(); number++) {
      CandidateScore score = explained.candidates().get(number);
      String excluded = route.excludedBecause(number);
      candidates.add(
          new CandidateScore(
              score.nodeId(),
              score.score(),
              score.excluded(),
              excluded.isEmpty() ? score.reason() : excluded));
    }
    boolean local = preferLocal && route.hasLocal();
    Optional<NodeId> chosen = local ? Optional.of(self) : explained.chosen();
    String because = local ? "this node handles the topic and is preferred" : explained.because();
    if (chosen.isEmpty() && route.size() > 0) {
      PeerNode last = route.leastBad();
      chosen = Optional.ofNullable(last).map(node -> node.id);
      because = last == null ? because : "no node is usable, this is the least bad one in reach";
    }
    return new RouteAnswer(
        route.topic,
        Optional.empty(),
        OptionalInt.empty(),
        route.strategy,
        chosen,
        candidates,
        route.size() == 0 ? "nobody handles the topic" : because);
  }
}
