package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.placement.KeyOwners;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Tells where a message would go and why, in words; changes nothing. Immutable.
 *
 * @param placement who owns which key
 * @param keyOwners who alone may answer about the key of a blob
 * @param preferLocal whether messages without a key stay here where this node handles them
 * @param self this node
 * @param now the time
 * @param copies what this node answers itself that is another's
 */
record RouteExplainer(
    Placement placement,
    KeyOwners keyOwners,
    boolean preferLocal,
    NodeId self,
    Instant now,
    FederatedMessageBus.LocalCopies copies) {

  private static final String NONE =
      "no node that handles the topic can be reached, or its circuit breaker or bulkhead lets nothing"
          + " through";
  private static final String HOLDS =
      "the segment is hot, and this node has a lease on copies of it; what it has no copy of it"
          + " fetches from the owner";

  RouteAnswer explain(Route route, Message message) {
    Optional<AffinityAnswer> affinity =
        route.assignment.map(assigned -> assigned.explain(message, now));
    Optional<String> shared = affinity.flatMap(AffinityAnswer::key);
    RouteAnswer answer =
        message.affinityKey().isPresent()
            ? withKey(route, message.affinityKey().get())
            : shared.isPresent() ? together(route, affinity.orElseThrow()) : withoutKey(route);
    return answer.with(affinity);
  }

  /** A message of a topic that never leaves the node where it is sent. */
  RouteAnswer here(Topic topic, Optional<String> key) {
    return new RouteAnswer(
        topic,
        key,
        key.isPresent() ? OptionalInt.of(placement.segmentOf(key.get())) : OptionalInt.empty(),
        "local",
        Optional.of(self),
        List.of(new CandidateScore(self, 0, false, "it is where the message is sent")),
        "messages of this topic stay on the node where they are sent");
  }

  /** A message that a provider has found a key for: it goes as with a key, or where that stays. */
  private RouteAnswer together(Route route, AffinityAnswer affinity) {
    RouteAnswer byHash = withKey(route, affinity.key().orElseThrow()).withoutKey();
    return affinity.node().map(keeper -> stayed(route, keeper, byHash)).orElse(byHash);
  }

  private static RouteAnswer stayed(Route route, NodeId keeper, RouteAnswer byHash) {
    return switch (route.standing(keeper)) {
      case TAKES -> byHash.decided(Optional.of(keeper), "the key stays with it");
      case IN_SERVICE ->
          byHash.decided(
              byHash.chosen(),
              "the key stays with "
                  + keeper
                  + ", which takes no message of this topic at the moment; "
                  + byHash.because());
      case GONE ->
          byHash.decided(
              byHash.chosen(),
              "the key stayed with "
                  + keeper
                  + ", which is out of service; its next message moves it; "
                  + byHash.because());
    };
  }

  private RouteAnswer withKey(Route route, String key) {
    KeyOwners.Place place =
        (route.ownerOnly ? keyOwners : KeyOwners.byHash()).explain(key, placement);
    List<NodeId> owners =
        route.ownerOnly
            ? place.owner().map(List::of).orElse(List.of())
            : placement.owners(place.segment());
    PeerNode holder = route.ownerOnly && copies.answer(route.topic, key) ? route.here() : null;
    PeerNode chosen =
        holder != null
            ? holder
            : route.ownerOnly
                ? place.owner().map(route::owner).filter(route::admits).orElse(null)
                : route.wouldBeAffine(owners, KeyHash.of(key));
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
            OptionalInt.of(place.segment()),
            holder != null ? "copies" : route.ownerOnly ? "owner" : "affinity",
            Optional.ofNullable(chosen).map(node -> node.id),
            candidates,
            (holder != null ? HOLDS : because(route, owners, chosen))
                + place.division().map(division -> "; " + division.rule()).orElse(""))
        .divided(place.division());
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
    if (owners.isEmpty()) {
      return "no node is there that may hold the key";
    }
    if (chosen == null) {
      return route.ownerOnly ? ownerTakesNothing(route, owners.get(0)) : NONE;
    }
    if (!route.ownerOnly && !route.usable(chosen.id)) {
      return "no node is usable, this is the least bad one in reach";
    }
    if (chosen.id.equals(owners.get(0))) {
      return "it owns the key's segment";
    }
    return owners.contains(chosen.id)
        ? "it is the first of the segment's owners that is usable and handles the topic"
        : "none of the segment's owners is usable and handles the topic; all nodes agree on this"
            + " one in their place";
  }

  private static String ownerTakesNothing(Route route, NodeId owner) {
    return "only the owner, "
        + owner
        + (route.owner(owner) == null
            ? ", may answer, and it is away"
            : ", may answer, and its circuit breaker or bulkhead lets nothing through now");
  }

  private RouteAnswer withoutKey(Route route) {
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
    boolean local = preferLocal && route.canStay();
    Optional<NodeId> chosen = local ? Optional.of(self) : explained.chosen();
    String because = local ? "this node handles the topic and is preferred" : explained.because();
    if (chosen.isEmpty() && route.size() > 0) {
      PeerNode last = route.leastBad();
      chosen = Optional.ofNullable(last).map(node -> node.id);
      because = last == null ? NONE : "no node is usable, this is the least bad one in reach";
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
