package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.rebalance.PlanMove;
import io.datawarehouse.kernel.rebalance.PlanState;
import io.datawarehouse.kernel.rebalance.PlanStay;
import io.datawarehouse.kernel.rebalance.RebalanceOffice;
import io.datawarehouse.kernel.rebalance.RebalancePlan;
import io.datawarehouse.kernel.rebalance.WantedMove;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.json.JsonBody;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Plans that move blobs from one node to another. */
@Path("/rebalance")
public final class RebalanceResource {

  /**
   * What is asked for: certain moves, or a plan that gives every node its share.
   *
   * @param mostMovedPercent how much of all bytes may move at most
   * @param moves which segments move
   */
  record PlanRequest(Optional<Integer> mostMovedPercent, Optional<List<MoveRequest>> moves) {}

  /**
   * A segment that is to move, and where to.
   *
   * @param bucket whose own segment it is; empty for a segment of the cluster
   */
  record MoveRequest(Optional<Integer> segment, Optional<NodeId> to, Optional<BucketName> bucket) {}

  /** A segment by what tells it from all others. */
  private record Named(Optional<BucketName> bucket, int segment) {}

  /** A plan as it is answered. */
  record PlanView(
      String id,
      long topologyId,
      PlanState state,
      String reason,
      String kind,
      List<PlanMove> moves,
      long totalBytes,
      long estimatedSeconds,
      Instant createdAt,
      String createdBy,
      Instant changedAt,
      Optional<Instant> startedAt,
      int part,
      int parts,
      List<PlanStay> stays) {

    static PlanView of(RebalancePlan plan) {
      return new PlanView(
          plan.id(),
          plan.topologyId(),
          plan.state(),
          plan.reason(),
          plan.kind(),
          plan.moves(),
          plan.totalBytes(),
          plan.estimatedSeconds(),
          plan.createdAt(),
          plan.createdBy(),
          plan.changedAt(),
          plan.since(),
          plan.number() + 1,
          plan.parts(),
          plan.stays());
    }
  }

  /** All plans that are remembered. */
  record PlansView(List<PlanView> plans) {}

  private final RebalanceOffice office;

  RebalanceResource(RebalanceOffice office) {
    this.office = office;
  }

  /** Makes a plan and shows it; nothing moves before it is started. */
  @POST
  @Path("/plans")
  @Allows(Role.OPERATOR)
  @Audited("rebalance.make")
  public Response make(@Context HttpServletRequest request) throws IOException {
    QueryParameters.parse(request.getQueryString());
    PlanRequest wanted =
        JsonBody.read(Exchange.of(request), PlanRequest.class)
            .orElseGet(() -> new PlanRequest(Optional.empty(), Optional.empty()));
    RebalancePlan made = preview(wanted, who(request));
    Exchange.of(request).say("plan " + made.id());
    return JsonAnswer.of(201, PlanView.of(made)).build();
  }

  private RebalancePlan preview(PlanRequest wanted, String who) {
    if (wanted.moves.isEmpty()) {
      return office.preview(
          wanted.mostMovedPercent.map(OptionalInt::of).orElseGet(OptionalInt::empty), who);
    }
    if (wanted.mostMovedPercent.isPresent()) {
      throw WarehouseException.invalid(
          "mostMovedPercent",
          wanted.mostMovedPercent.get(),
          "leave it out where moves name the segments");
    }
    return office.preview(routes(wanted.moves.get()), who);
  }

  static List<WantedMove> routes(List<MoveRequest> wanted) {
    Map<Named, WantedMove> routes = new LinkedHashMap<>();
    for (MoveRequest move : wanted) {
      if (move == null || move.segment.isEmpty() || move.to.isEmpty()) {
        throw WarehouseException.invalid("moves", move, "a move has a segment and to");
      }
      WantedMove route = new WantedMove(move.bucket, move.segment.get(), move.to.get());
      if (routes.put(new Named(move.bucket, route.segment()), route) != null) {
        throw WarehouseException.invalid("moves", route.segment(), "a segment is named once");
      }
    }
    return List.copyOf(routes.values());
  }

  /** Shows all plans that are remembered, the latest first. */
  @GET
  @Path("/plans")
  @Allows(Role.OPERATOR)
  public Response list(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, new PlansView(office.plans().stream().map(PlanView::of).toList()))
        .build();
  }

  /** Shows a plan. */
  @GET
  @Path("/plans/{id}")
  @Allows(Role.OPERATOR)
  public Response show(@PathParam("id") String id, @Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, PlanView.of(office.plan(id))).build();
  }

  /** Starts, pauses, resumes or aborts a plan. */
  @POST
  @Path("/plans/{id}/{order: start|pause|resume|abort}")
  @Allows(Role.OPERATOR)
  @Audited("rebalance.order")
  public Response order(
      @PathParam("id") String id,
      @PathParam("order") String order,
      @Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    String who = who(request);
    RebalancePlan plan =
        switch (order) {
          case "start" -> office.start(id, who);
          case "pause" -> office.pause(id, who);
          case "resume" -> office.resume(id, who);
          default -> office.abort(id, who);
        };
    return JsonAnswer.of(200, PlanView.of(plan)).build();
  }

  /** Tokens have roles and no names: where the caller is says most. */
  private static String who(HttpServletRequest request) {
    return "operator at " + request.getRemoteAddr();
  }
}
