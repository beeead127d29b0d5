package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.metric.NodeLoad;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The cluster as this node sees it: alone, for now. */
@Path("/cluster")
public final class ClusterResource {

  record ClusterStatus(
      String clusterName,
      NodeId localNodeId,
      String mode,
      Optional<NodeId> leader,
      long term,
      int quorum,
      long topologyId,
      boolean rebalancing,
      List<NodeView> nodes) {}

  record NodeView(
      NodeId id,
      String address,
      String zone,
      NodeState state,
      NodeHealth health,
      double weight,
      long uptimeSeconds,
      String version,
      NodeLoad.Sample load) {}

  private final Kernel kernel;
  private final NodeLoad load;

  ClusterResource(Kernel kernel, NodeLoad load) {
    this.kernel = kernel;
    this.load = load;
  }

  /** Shows the one node. */
  @GET
  @Allows(Role.READER)
  public Response cluster(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    ClusterContext cluster = kernel.cluster();
    ClusterView view = cluster.membership().view();
    Leadership leadership = cluster.leadership();
    String address = request.getLocalAddr() + ":" + request.getLocalPort();
    return JsonAnswer.of(
            200,
            new ClusterStatus(
                "datawarehouse",
                kernel.nodeId(),
                kernel.mode().name().toLowerCase(Locale.ROOT),
                leadership.leader(),
                leadership.term(),
                leadership.quorum(),
                view.topologyId(),
                false,
                view.nodes().stream().map(node -> show(node, address)).toList()))
        .build();
  }

  /** Shows a node; for now it is always this one. */
  private NodeView show(ClusterNode node, String address) {
    return new NodeView(
        node.id(),
        address,
        node.descriptor().zone(),
        node.state(),
        kernel.stopping() ? NodeHealth.DEGRADED : kernel.cluster().health().health(node.id()),
        node.descriptor().weight(),
        node.uptime(kernel.clock().instant()).toSeconds(),
        node.descriptor().version(),
        load.sample());
  }
}
