package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The contract of a membership that knows other nodes: what one does, the others hear of. */
public abstract class ClusteredMembershipContract extends ClusterMembershipContract {

  /** Returns a second node of the cluster, which has not joined; the same object in one test. */
  protected abstract ClusterMembership.Member neighbour();

  /** Returns a third node of the cluster, which has not joined; the same object in one test. */
  protected abstract ClusterMembership.Member thirdNode();

  /**
   * Returns the next run of the neighbour's node, with a greater incarnation, which has not joined;
   * a new object at each call. The one before has left, was {@linkplain #kill killed}, or lives
   * still.
   */
  protected abstract ClusterMembership.Member nextRunOfNeighbour();

  /** Plays a crash: that node is gone without a word. Returns at once. */
  protected abstract void kill(ClusterMembership.Member node);

  /**
   * Lets the member under test hear once more, as over a slow network, that this earlier run of a
   * node is active. Returns when it has been heard.
   */
  protected abstract void sayLate(NodeDescriptor earlier);

  @Test
  void nodesSeeEachOther() {
    join();
    joins(neighbour());
    joins(thirdNode());

    for (ClusterMembership looking : List.of(member(), neighbour(), thirdNode())) {
      awaitThat("three active nodes seen by " + looking.localNodeId(), () -> seesThree(looking));
    }
    assertThat(member().view().find(neighbour().localNodeId()).orElseThrow().descriptor())
        .isEqualTo(requestOf(neighbour()).self());
  }

  @Test
  void everyNodeHearsTheChangesOfAnotherInTheSameOrder() {
    join();
    joins(thirdNode());
    List<MembershipChange> here = new CopyOnWriteArrayList<>();
    List<MembershipChange> there = new CopyOnWriteArrayList<>();
    member().watch(here::add);
    thirdNode().watch(there::add);

    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);
    awaitState(thirdNode(), neighbour().localNodeId(), NodeState.ACTIVE);
    neighbour().drain(neighbour().localNodeId(), "scaled in");
    awaitState(member(), neighbour().localNodeId(), NodeState.DRAINING);
    awaitState(thirdNode(), neighbour().localNodeId(), NodeState.DRAINING);
    neighbour().leave("stopped");

    awaitHeard(here, NodeState.LEFT);
    awaitHeard(there, NodeState.LEFT);
    for (List<MembershipChange> heard : List.of(here, there)) {
      assertThat(statesOf(neighbour().localNodeId(), heard))
          .containsSubsequence(NodeState.ACTIVE, NodeState.DRAINING, NodeState.LEFT);
      assertChain(heard);
    }
  }

  @Test
  void reasonOfAnotherNodesStepIsKnownEverywhere() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);

    neighbour().leave("moved to another house");

    awaitState(member(), neighbour().localNodeId(), NodeState.LEFT);
    assertThat(node(member(), neighbour().localNodeId()).reason())
        .contains("moved to another house");
    assertThat(member().history(neighbour().localNodeId()))
        .extracting(change -> change.node().state())
        .endsWith(NodeState.LEFT);
  }

  @Test
  void anyNodeMayDrainAnother() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);

    assertThat(member().drain(neighbour().localNodeId(), "too old")).isTrue();

    awaitState(neighbour(), neighbour().localNodeId(), NodeState.DRAINING);
    awaitState(member(), neighbour().localNodeId(), NodeState.DRAINING);
    assertThat(node(neighbour(), neighbour().localNodeId()).reason()).contains("too old");
    assertThat(member().drain(neighbour().localNodeId(), "again")).isFalse();
  }

  @Test
  void nodeThatVanishesTakesNoMoreRequests() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);

    kill(neighbour());

    awaitThat(
        "the node that vanished is not active",
        () -> !node(member(), neighbour().localNodeId()).state().takesRequests());
    assertThat(node(member(), neighbour().localNodeId()).state())
        .as("it did not leave in good order")
        .isIn(NodeState.SUSPECT, NodeState.DEAD);
    assertThat(self().state()).isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void nodeThatVanishedComesBackAsAnotherRun() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);
    kill(neighbour());
    awaitThat(
        "the node that vanished is not active",
        () -> !node(member(), neighbour().localNodeId()).state().takesRequests());

    ClusterMembership.Member again = nextRunOfNeighbour();
    joins(again);

    awaitThat(
        "the new run is active",
        () -> {
          ClusterNode seen = node(member(), again.localNodeId());
          return seen.state() == NodeState.ACTIVE && seen.incarnation() == incarnationOf(again);
        });
  }

  @Test
  void newsOfAnEarlierRunAreIgnored() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);
    NodeDescriptor earlier = node(member(), neighbour().localNodeId()).descriptor();
    neighbour().leave("restarts");
    awaitState(member(), neighbour().localNodeId(), NodeState.LEFT);
    ClusterMembership.Member again = nextRunOfNeighbour();
    assertThat(incarnationOf(again)).isGreaterThan(earlier.incarnation());
    joins(again);
    awaitState(member(), again.localNodeId(), NodeState.ACTIVE);
    List<MembershipChange> heard = new CopyOnWriteArrayList<>();
    member().watch(heard::add);

    sayLate(earlier);

    assertThat(node(member(), again.localNodeId()).incarnation()).isEqualTo(incarnationOf(again));
    assertThat(heard)
        .filteredOn(change -> change.node().id().equals(again.localNodeId()))
        .allMatch(change -> change.node().incarnation() == incarnationOf(again));
  }

  @Test
  void twoLivingRunsOfOneNodeAreNotTakenForOne() {
    join();
    joins(neighbour());
    awaitState(member(), neighbour().localNodeId(), NodeState.ACTIVE);
    ClusterMembership.Member second = nextRunOfNeighbour();

    JoinResult result = second.join(requestOf(second));

    if (result instanceof JoinResult.Refused refused) {
      assertThat(refused.cause()).isEqualTo(JoinResult.Cause.IDENTITY_TAKEN);
      assertThat(refused.detail()).contains(second.localNodeId().value());
      assertThat(node(member(), second.localNodeId()).incarnation())
          .isEqualTo(incarnationOf(neighbour()));
    } else {
      assertThat(result).isInstanceOf(JoinResult.Joined.class);
      awaitThat(
          "the later run has taken the place of the earlier",
          () -> node(member(), second.localNodeId()).incarnation() == incarnationOf(second));
    }
  }

  private void joins(ClusterMembership.Member node) {
    assertThat(node.join(requestOf(node)))
        .as("%s joins", node.localNodeId())
        .isInstanceOf(JoinResult.Joined.class);
  }

  private long incarnationOf(ClusterMembership.Member node) {
    return requestOf(node).self().incarnation();
  }

  private void awaitState(ClusterMembership looking, NodeId id, NodeState state) {
    awaitThat(
        looking.localNodeId() + " sees that " + id + " is " + state,
        () -> looking.view().find(id).map(ClusterNode::state).equals(Optional.of(state)));
  }

  private void awaitHeard(List<MembershipChange> heard, NodeState state) {
    awaitThat(
        "heard of " + state, () -> statesOf(neighbour().localNodeId(), heard).contains(state));
  }

  private boolean seesThree(ClusterMembership looking) {
    return looking.view().active().stream()
        .map(ClusterNode::id)
        .toList()
        .containsAll(
            List.of(member().localNodeId(), neighbour().localNodeId(), thirdNode().localNodeId()));
  }

  private static ClusterNode node(ClusterMembership looking, NodeId id) {
    return looking.view().find(id).orElseThrow();
  }

  private static List<NodeState> statesOf(NodeId id, List<MembershipChange> heard) {
    List<NodeState> states = new ArrayList<>();
    for (MembershipChange change : heard) {
      if (change.node().id().equals(id)) {
        states.add(change.node().state());
      }
    }
    return states;
  }

  /** Each change of a node begins where the one before it ended. */
  private static void assertChain(List<MembershipChange> heard) {
    Map<NodeId, NodeState> last = new HashMap<>();
    for (MembershipChange change : heard) {
      NodeId id = change.node().id();
      if (last.containsKey(id)) {
        assertThat(change.before()).as("before %s", change.node()).contains(last.get(id));
      }
      last.put(id, change.node().state());
    }
    assertThat(heard).extracting(change -> change.view().topologyId()).isSorted();
  }
}
