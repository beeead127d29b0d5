package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.cluster.PeerCircuits;
import io.datawarehouse.kernel.context.PluginGuards;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The circuits and bulkheads between this node and others, and those of its plugins. */
@Path("/resilience")
public final class ResilienceResource {

  record CircuitsView(
      NodeId nodeId,
      boolean circuitBreaker,
      List<PeerCircuit> circuits,
      List<PluginGuards> plugins) {}

  private final NodeId self;
  private final PeerCircuits circuits;
  private final Supplier<ClusterView> members;
  private final Supplier<List<PluginGuards>> plugins;

  /**
   * Makes the resource.
   *
   * @param members who is known, and can have a circuit
   * @param plugins what running plugins use
   */
  ResilienceResource(
      NodeId self,
      PeerCircuits circuits,
      Supplier<ClusterView> members,
      Supplier<List<PluginGuards>> plugins) {
    this.self = self;
    this.circuits = circuits;
    this.members = members;
    this.plugins = plugins;
  }

  /** Shows circuits that were used or ordered, whether failures open them, and those of plugins. */
  @GET
  @Allows(Role.READER)
  public Response list(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(
            200, new CircuitsView(self, circuits.breaking(), circuits.circuits(), plugins.get()))
        .build();
  }

  /** Orders a circuit to be open or closed, or to follow what happens again. */
  @POST
  @Path("/circuits/{peer}/{operation}/{order: open|close|release}")
  @Allows(Role.OPERATOR)
  @Audited("circuit.order")
  public Response order(
      @PathParam("peer") String peer,
      @PathParam("operation") String operation,
      @PathParam("order") String order,
      @Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    Optional<PeerCircuit.State> state =
        switch (order) {
          case "open" -> Optional.of(PeerCircuit.State.OPEN);
          case "close" -> Optional.of(PeerCircuit.State.CLOSED);
          case "release" -> Optional.empty();
          default -> throw WarehouseException.invalid("order", order, "use open, close or release");
        };
    return JsonAnswer.of(200, circuits.order(another(peer), operation, state)).build();
  }

  private NodeId another(String id) {
    NodeId node = new NodeId(id);
    if (node.equals(self) || members.get().find(node).isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.NOT_FOUND,
          "no other node " + WarehouseException.shown(id) + " is known");
    }
    return node;
  }
}
