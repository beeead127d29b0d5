package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.cluster.PeerCircuits;
import io.datawarehouse.kernel.cluster.RetiredNodes;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.coordination.raft.CoordinatorStatus;
import io.datawarehouse.kernel.placement.SegmentSteward;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The office of a cluster of several nodes. Thread-safe. */
final class ClusterDesk implements ClusterOffice {

  private final String name;
  private final ClusterAssembly.Member member;
  private final SegmentSteward steward;
  private final PeerCircuits circuits;
  private final RetiredNodes retired;

  ClusterDesk(
      String name,
      ClusterAssembly.Member member,
      SegmentSteward steward,
      PeerCircuits circuits,
      RetiredNodes retired) {
    this.circuits = circuits;
    this.retired = retired;
    this.name = name;
    this.member = member;
    this.steward = steward;
  }

  @Override
  public String clusterName() {
    return name;
  }

  @Override
  public void drain(NodeId node, String reason) {
    if (member.membership().view().find(node).isEmpty() && voters().contains(node)) {
      retired.giveUp(node, RetiredNodes.ANY_RUN);
      return;
    }
    boolean told = member.membership().drain(node, reason);
    ClusterNode known = member.membership().view().find(node).orElseThrow();
    if (RetiredNodes.isGone(known.state())) {
      retired.giveUp(node, known.incarnation());
    } else if (!told && known.state() == NodeState.JOINING) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "node " + node + " is still joining; try again");
    }
  }

  @Override
  public RouteAnswer explain(RouteQuestion question) {
    return member.bus().explain(question);
  }

  @Override
  public PeerCircuits circuits() {
    return circuits;
  }

  @Override
  public Optional<String> withoutCoordinator() {
    return member.coordinator().status().fault();
  }

  @Override
  public Optional<String> withoutOwners() {
    return steward.unready();
  }

  @Override
  public List<NodeId> voters() {
    return member.coordinator().status().voters().stream().sorted().toList();
  }

  @Override
  public long topologyId() {
    return member.board().tableVersion();
  }

  @Override
  public OptionalLong topologyId(BucketName bucket) {
    long version = member.blobs().maps().version(bucket);
    return version == 0 ? OptionalLong.empty() : OptionalLong.of(version);
  }

  @Override
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    Leadership leadership = member.coordinator().leadership();
    CoordinatorStatus status = member.coordinator().status();
    if (!leadership.available()) {
      problems.add(
          (status.group().isEmpty()
                  ? "this node has met no group of nodes that agree"
                  : "no majority of " + leadership.quorum() + " nodes is reached")
              + ": buckets, settings and plans cannot be changed");
    }
    ClusterView view = member.membership().view();
    voters().stream()
        .filter(voter -> view.find(voter).isEmpty())
        .forEach(
            voter ->
                problems.add(
                    "node "
                        + voter
                        + " has a vote and was not met since this node started, or is forgotten:"
                        + " where it is lost for good, drain it, which gives up its vote"));
    status.foreign().ifPresent(problems::add);
    status.fault().ifPresent(problems::add);
    steward.problem().ifPresent(problems::add);
    member.decrees().problem().ifPresent(problems::add);
    member.health().brake().ifPresent(problems::add);
    return problems;
  }
}
