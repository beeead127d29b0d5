package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.metric.NodeLoad;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;

/** The cluster as this node sees it: alone, for now. */
@Path("/cluster")
public final class ClusterResource {

  record ClusterView(
      String clusterName,
      NodeId localNodeId,
      String mode,
      NodeId leader,
      long term,
      int quorum,
      long topologyId,
      boolean rebalancing,
      List<NodeView> nodes) {}

  record NodeView(
      NodeId id,
      String address,
      String zone,
      String state,
      String health,
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
    NodeId node = kernel.nodeId();
    NodeView self =
        new NodeView(
            node,
            request.getLocalAddr() + ":" + request.getLocalPort(),
            "default",
            "ACTIVE",
            kernel.stopping() ? "DEGRADED" : "HEALTHY",
            1.0,
            Duration.between(kernel.startedAt(), kernel.clock().instant()).toSeconds(),
            version(),
            load.sample());
    return JsonAnswer.of(
            200,
            new ClusterView(
                "datawarehouse", node, "standalone", node, 1, 1, 1, false, List.of(self)))
        .build();
  }

  private static String version() {
    String version = Kernel.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
