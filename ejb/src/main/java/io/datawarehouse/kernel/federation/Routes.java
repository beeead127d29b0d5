package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.Assignment;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All routes at one moment: a snapshot of membership and directory, from which the route of a topic
 * is made when it is first asked for. Thread-safe; thrown away as a whole when something changes.
 */
final class Routes {

  private static final int MOST_KEPT = 10_000;

  /** What routes are made of. */
  record Sources(
      NodeId self,
      ClusterView view,
      SubscriptionDirectory.Snapshot directory,
      FederatedMessageBus.Balancing balancing,
      Function<Topic, Optional<Assignment>> assignments,
      Predicate<Topic> ownerOnly,
      Function<NodeId, PeerNode> nodes,
      Route.Judges judges) {}

  private final Sources sources;
  private final Map<Topic, Route> routes = new ConcurrentHashMap<>();
  private final Map<Topic, List<PeerNode>> audiences = new ConcurrentHashMap<>();

  Routes(Sources sources) {
    this.sources = sources;
  }

  Route of(Topic topic) {
    Route known = routes.get(topic);
    return known != null ? known : make(topic);
  }

  private Route make(Topic topic) {
    List<Route.Target> targets = new ArrayList<>();
    for (NodeId id : sources.directory.handlersOf(topic)) {
      boolean local = id.equals(sources.self);
      Optional<ClusterNode> node = sources.view.find(id);
      targets.add(
          new Route.Target(
              sources.nodes.apply(id),
              local || node.isPresent() && node.get().state().takesRequests(),
              new Candidate(
                  id,
                  node.map(found -> found.descriptor().weight()).orElse(1.0),
                  node.map(found -> found.descriptor().zone()).orElse(NodeDescriptor.DEFAULT_ZONE),
                  local)));
    }
    Route made =
        new Route(
            topic,
            sources.ownerOnly.test(topic),
            targets,
            new CandidateTable(
                sources.view.topologyId(), targets.stream().map(Route.Target::candidate).toList()),
            sources.balancing,
            sources.assignments.apply(topic),
            sources.judges);
    if (!targets.isEmpty()) {
      if (routes.size() >= MOST_KEPT) {
        routes.clear();
      }
      routes.put(topic, made);
    }
    return made;
  }

  /** Returns the other nodes that hear events of a topic. */
  List<PeerNode> audience(Topic topic) {
    List<PeerNode> known = audiences.get(topic);
    if (known != null) {
      return known;
    }
    List<PeerNode> made =
        sources.directory.listenersOf(topic).stream()
            .filter(node -> !node.equals(sources.self))
            .map(sources.nodes)
            .toList();
    if (audiences.size() >= MOST_KEPT) {
      audiences.clear();
    }
    audiences.put(topic, made);
    return made;
  }

  /** Returns the nodes that must not miss a durable event of a topic, this one included. */
  List<NodeId> expectants(Topic topic) {
    return sources.directory.expectantsOf(topic);
  }

  ClusterView view() {
    return sources.view;
  }
}
