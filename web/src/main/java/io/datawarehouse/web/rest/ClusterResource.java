package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.heat.SegmentFigures;
import io.datawarehouse.kernel.heat.SegmentFigures.OwnFigure;
import io.datawarehouse.kernel.heat.SegmentFigures.SegmentFigure;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.metric.NodeLoad;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The cluster as this node sees it. */
@Path("/cluster")
public final class ClusterResource {

  record ClusterStatus(
      String clusterName,
      NodeId localNodeId,
      String mode,
      Optional<NodeId> leader,
      long term,
      int quorum,
      boolean quorumReached,
      long topologyId,
      boolean rebalancing,
      List<String> problems,
      List<NodeId> voters,
      List<NodeView> nodes) {}

  record NodeView(
      NodeId id,
      String address,
      String zone,
      NodeState state,
      Instant since,
      String reason,
      NodeHealth health,
      String healthReason,
      double weight,
      long incarnation,
      long uptimeSeconds,
      String version,
      String rack,
      Map<String, String> labels,
      Map<String, String> endpoints,
      SortedSet<String> capabilities,
      Optional<LoadView> load) {}

  /** How busy a node is. */
  record LoadView(
      double cpuPercent,
      double memoryPercent,
      double diskPercent,
      long activeRequests,
      double latencyMillis,
      double requestsPerSecond) {

    static LoadView of(NodeLoad.Sample sample) {
      return new LoadView(
          sample.cpuPercent(),
          sample.memoryPercent(),
          sample.diskPercent(),
          sample.activeRequests(),
          sample.latencyMillis(),
          sample.requestsPerSecond());
    }

    static LoadView of(io.datawarehouse.sdk.cluster.NodeLoad load) {
      return new LoadView(
          load.cpuPercent(),
          load.memoryPercent(),
          load.diskPercent(),
          load.activeRequests(),
          load.latencyMillis(),
          load.requestsPerSecond());
    }
  }

  record SegmentsView(
      int count, long topologyId, List<SegmentView> segments, List<BucketSegments> buckets) {}

  /**
   * The segments that a bucket has for itself.
   *
   * @param topologyId which version of the bucket's map says who owns them
   */
  record BucketSegments(BucketName bucket, OptionalLong topologyId, List<SegmentView> segments) {

    static List<BucketSegments> of(List<OwnFigure> figures, ClusterOffice office) {
      Map<BucketName, List<SegmentView>> byBucket = new LinkedHashMap<>();
      figures.forEach(
          figure ->
              byBucket
                  .computeIfAbsent(figure.place().bucket(), bucket -> new ArrayList<>())
                  .add(SegmentView.of(figure)));
      return byBucket.entrySet().stream()
          .map(
              bucket ->
                  new BucketSegments(
                      bucket.getKey(), office.topologyId(bucket.getKey()), bucket.getValue()))
          .toList();
    }
  }

  /**
   * A segment.
   *
   * @param shard to which of its bucket's shards it belongs, where it is a bucket's own
   */
  record SegmentView(
      int id,
      Optional<String> shard,
      List<NodeId> owners,
      List<NodeId> inSync,
      OptionalLong blobs,
      OptionalLong bytes,
      OptionalLong storedBytes,
      OptionalDouble requestsPerSecond,
      OptionalDouble readsPerSecond,
      OptionalDouble writesPerSecond,
      OptionalDouble bytesPerSecond) {

    /** Who does not answer is not known to be in sync. */
    static SegmentView of(SegmentFigure figure) {
      return of(figure, Optional.empty());
    }

    /** What nobody owns holds nothing. */
    static SegmentView of(OwnFigure figure) {
      Optional<String> shard = Optional.of(figure.place().shard());
      return figure
          .figure()
          .map(owned -> of(owned, shard))
          .orElseGet(
              () ->
                  new SegmentView(
                      figure.place().segment(),
                      shard,
                      List.of(),
                      List.of(),
                      OptionalLong.of(0),
                      OptionalLong.of(0),
                      OptionalLong.of(0),
                      OptionalDouble.of(0),
                      OptionalDouble.of(0),
                      OptionalDouble.of(0),
                      OptionalDouble.of(0)));
    }

    private static SegmentView of(SegmentFigure figure, Optional<String> shard) {
      List<NodeId> owners = List.of(figure.owner());
      return new SegmentView(
          figure.segment(),
          shard,
          owners,
          figure.answered() ? owners : List.of(),
          figure.blobs(),
          figure.bytes(),
          figure.storedBytes(),
          figure.requestsPerSecond(),
          figure.readsPerSecond(),
          figure.writesPerSecond(),
          figure.bytesPerSecond());
    }
  }

  /** A node of which nothing is known, and that had a vote. */
  record GivenUpNode(NodeId id, String reason) {}

  record HistoryView(NodeId id, List<ChangeView> changes) {}

  record ChangeView(
      Instant at, Optional<NodeState> before, NodeState state, long incarnation, String reason) {}

  private final Kernel kernel;
  private final NodeLoad load;

  ClusterResource(Kernel kernel, NodeLoad load) {
    this.kernel = kernel;
    this.load = load;
  }

  /** Shows the nodes, who leads, and what is wrong; as a table where text is asked for. */
  @GET
  @Allows(Role.READER)
  public Response cluster(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    ClusterStatus status = status(request.getLocalAddr() + ":" + request.getLocalPort());
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return accept != null && accept.startsWith(MediaType.TEXT_PLAIN)
        ? Response.ok(ClusterTable.of(status), "text/plain;charset=UTF-8").build()
        : JsonAnswer.of(200, status).build();
  }

  private ClusterStatus status(String ownAddress) {
    ClusterContext cluster = kernel.cluster();
    ClusterView view = cluster.membership().view();
    Leadership leadership = cluster.leadership();
    return new ClusterStatus(
        kernel.clusterOffice().clusterName(),
        kernel.nodeId(),
        kernel.mode().name().toLowerCase(Locale.ROOT),
        leadership.leader(),
        leadership.term(),
        leadership.quorum(),
        leadership.available(),
        kernel.clusterOffice().topologyId(),
        kernel.rebalance().rebalancing(),
        kernel.clusterOffice().problems(),
        kernel.clusterOffice().voters(),
        view.nodes().stream().map(node -> show(node, ownAddress)).toList());
  }

  private NodeView show(ClusterNode node, String ownAddress) {
    boolean self = node.id().equals(kernel.nodeId());
    Optional<HealthReport> report = kernel.cluster().health().report(node.id());
    NodeHealth health =
        self && kernel.stopping()
            ? NodeHealth.DEGRADED
            : report.map(HealthReport::health).orElse(NodeHealth.UNKNOWN);
    return new NodeView(
        node.id(),
        self ? ownAddress : node.descriptor().address(),
        node.descriptor().zone(),
        node.state(),
        node.since(),
        node.reason(),
        health,
        report.map(HealthReport::reason).orElse("nothing is known of it"),
        node.descriptor().weight(),
        node.incarnation(),
        node.uptime(kernel.clock().instant()).toSeconds(),
        node.descriptor().version(),
        node.descriptor().rack(),
        node.descriptor().labels(),
        node.descriptor().endpoints(),
        node.descriptor().capabilities().stream()
            .map(CapabilityName::toString)
            .collect(Collectors.toCollection(TreeSet::new)),
        self
            ? Optional.of(LoadView.of(load.sample()))
            : report.flatMap(HealthReport::load).map(LoadView::of));
  }

  /**
   * Shows who owns which segment, what it holds and how busy it is: those of the cluster, and those
   * that buckets have for themselves, all of them or one bucket's.
   */
  @GET
  @Path("/segments")
  @Allows(Role.READER)
  public Response segments(@Context HttpServletRequest request) {
    Optional<BucketName> bucket =
        QueryParameters.parse(request.getQueryString(), "bucket")
            .find("bucket")
            .map(BucketName::new);
    ClusterOffice office = kernel.clusterOffice();
    long topologyId = office.topologyId();
    SegmentFigures.All figures = kernel.segments().everything();
    List<SegmentView> segments = figures.segments().stream().map(SegmentView::of).toList();
    List<OwnFigure> own =
        figures.own().stream()
            .filter(figure -> bucket.map(figure.place().bucket()::equals).orElse(true))
            .toList();
    return JsonAnswer.of(
            200,
            new SegmentsView(segments.size(), topologyId, segments, BucketSegments.of(own, office)))
        .build();
  }

  /** Shows what happened to a node, oldest first, as far as it is remembered. */
  @GET
  @Path("/nodes/{id}/history")
  @Allows(Role.READER)
  public Response history(@PathParam("id") String id, @Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    NodeId node = known(id);
    return JsonAnswer.of(
            200,
            new HistoryView(
                node,
                kernel.cluster().membership().history(node).stream()
                    .map(ClusterResource::show)
                    .toList()))
        .build();
  }

  private static ChangeView show(MembershipChange change) {
    ClusterNode node = change.node();
    return new ChangeView(
        node.since(), change.before(), node.state(), node.incarnation(), node.reason());
  }

  /** Has a node hand over and take no new requests; gives up one that is gone, or forgotten. */
  @POST
  @Path("/nodes/{id}/drain")
  @Allows(Role.OPERATOR)
  @Audited("node.drain")
  public Response drain(@PathParam("id") String id, @Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    NodeId node = new NodeId(id);
    kernel.clusterOffice().drain(node, ClusterOffice.RETIRED);
    Object now =
        kernel
            .cluster()
            .membership()
            .view()
            .find(node)
            .<Object>map(known -> show(known, known.descriptor().address()))
            .orElseGet(() -> new GivenUpNode(node, "it is given up: its vote counts no more"));
    return JsonAnswer.of(202, now).build();
  }

  private NodeId known(String id) {
    NodeId node = new NodeId(id);
    if (kernel.cluster().membership().view().find(node).isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.NOT_FOUND, "node " + WarehouseException.shown(id) + " is not known");
    }
    return node;
  }
}
