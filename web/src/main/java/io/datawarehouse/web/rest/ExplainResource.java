package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.heat.SegmentFigures.OwnFigure;
import io.datawarehouse.kernel.rebalance.PlanDecisions;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/** Tells why things go where they go. */
@Path("/explain")
public final class ExplainResource {

  private static final int LONGEST_KEY = 1_200;

  /**
   * Where a message would go, and what the segment is that its key lies in.
   *
   * @param ownSegment the segment, where it is one of the bucket's own
   */
  record RouteView(
      Topic topic,
      Optional<String> key,
      OptionalInt segment,
      String strategy,
      Optional<NodeId> chosen,
      List<CandidateScore> candidates,
      String because,
      Optional<RouteAnswer.Division> sharding,
      Optional<AffinityAnswer> affinity,
      Optional<ClusterResource.SegmentView> ownSegment) {

    static RouteView of(RouteAnswer answer, Optional<OwnFigure> own) {
      return new RouteView(
          answer.topic(),
          answer.key(),
          answer.segment(),
          answer.strategy(),
          answer.chosen(),
          answer.candidates(),
          answer.because(),
          answer.sharding(),
          answer.affinity(),
          own.map(ClusterResource.SegmentView::of));
    }
  }

  private final ClusterOffice office;
  private final Supplier<PlanDecisions> decisions;
  private final SegmentFigures figures;

  ExplainResource(ClusterOffice office, Supplier<PlanDecisions> decisions, SegmentFigures figures) {
    this.office = office;
    this.decisions = decisions;
    this.figures = figures;
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
    RouteAnswer answer = office.explain(question);
    return JsonAnswer.of(200, RouteView.of(answer, ownSegment(answer))).build();
  }

  /** Owners are asked only about what has figures of its own: an owner may be away. */
  private Optional<OwnFigure> ownSegment(RouteAnswer answer) {
    Optional<String> bucket =
        answer
            .key()
            .filter(key -> answer.sharding().isPresent() && key.indexOf('/') > 0)
            .map(key -> key.substring(0, key.indexOf('/')));
    return bucket.isPresent() && ShardMap.isOwn(answer.segment().orElse(0))
        ? figures.own(new BucketName(bucket.get()), answer.segment().orElse(0))
        : Optional.empty();
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
