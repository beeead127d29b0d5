package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.web.http.MessageHeaders;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Tells why things go where they go. */
@Path("/explain")
public final class ExplainResource {

  private static final int LONGEST_KEY = 1_200;

  private final ClusterOffice office;
  private final Supplier<PlanDecisions> decisions;

  ExplainResource(ClusterOffice office, Supplier<PlanDecisions> decisions) {
    this.office = office;
    this.decisions = decisions;
  }

  /** Tells where a message would go, what was considered, and why the winner won. */
  @GET
  @Path("/route")
  @Allows(Role.READER)
  public Response route(@Context HttpServletRequest request) {
    QueryParameters parameters =
        QueryParameters.parse(
            request.getQueryString(), Set.of(MessageHeaders.PARAMETER), "topic", "key", "header");
    Topic topic =
        parameters
            .find("topic")
            .map(Topic::of)
            .orElseThrow(() -> WarehouseException.invalid("topic", null, "is needed"));
    Optional<String> key = parameters.find("key");
    key.filter(text -> text.isEmpty() || text.length() > LONGEST_KEY)
        .ifPresent(
            text -> {
              throw WarehouseException.invalid("key", text, "use 1 to 1200 characters");
            });
    RouteQuestion question =
        new RouteQuestion(topic, key, MessageHeaders.of(parameters.all(MessageHeaders.PARAMETER)));
    return JsonAnswer.of(200, office.explain(question)).build();
  }

  /** Tells why the cluster made a plan by itself, or none, as the leader decided it. */
  @GET
  @Path("/rebalance")
  @Allows(Role.READER)
  public Response rebalance(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(200, decisions.get()).build();
  }
}
