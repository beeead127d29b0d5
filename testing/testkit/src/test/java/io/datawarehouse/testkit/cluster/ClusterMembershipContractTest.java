package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.testkit.cluster.SampleMember.Switchboard;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The contract notices what memberships do wrong. */
class ClusterMembershipContractTest {

  private static BiFunction<Switchboard, NodeDescriptor, SampleMember> maker = SampleMember::new;

  static class OfBroken extends SampleMemberContractTest {
    @Override
    SampleMember make(Switchboard board, NodeDescriptor self) {
      return maker.apply(board, self);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(2);
    }
  }

  @Test
  void newsOfAnEarlierRunThatAreTakenAreNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      boolean isNews(ClusterNode news, ClusterNode known) {
                        return super.isNews(news, known)
                            || news.incarnation() < known.incarnation();
                      }
                    }))
        .containsExactly("newsOfAnEarlierRunAreIgnored");
  }

  @Test
  void viewMadeAnewForEachQuestionIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public ClusterView view() {
                        ClusterView view = super.view();
                        return new ClusterView(view.topologyId(), view.nodes());
                      }
                    }))
        .containsExactly("viewIsTheSameObjectUntilSomethingChangesAndCostsNothing");
  }

  @Test
  void failingListenerThatStopsTheOthersIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      void tell(MembershipChange change) {
                        tellAll(change);
                      }
                    }))
        .containsExactly("listenerThatThrowsHarmsNobody");
  }

  @Test
  void tellingUnderALockIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      void tell(MembershipChange change) {
                        synchronized (this) {
                          super.tell(change);
                        }
                      }
                    }))
        .containsExactly("listenerIsToldUnderNoLock");
  }

  @Test
  void tellingBeforeTheViewIsInForceIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      void tell(MembershipChange change) {
                        super.tell(
                            new MembershipChange(
                                change.node(),
                                change.before(),
                                new ClusterView(
                                    change.view().topologyId() + 1, change.view().nodes())));
                      }
                    }))
        .contains("topologyGrowsWithEveryChangeAndTheViewIsReplacedBeforeListenersAreTold");
  }

  @Test
  void changeThatIsNotToldIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      void tell(MembershipChange change) {
                        if (change.node().state() != NodeState.DRAINING) {
                          super.tell(change);
                        }
                      }
                    }))
        .contains("listenerHearsEveryChangeOfTheNodeInOrder");
  }

  @Test
  void localNodeThatIsForgottenWhenItLeftIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public ClusterView view() {
                        ClusterView view = super.view();
                        return view.members().size() == view.nodes().size()
                            ? view
                            : new ClusterView(view.topologyId(), view.members());
                      }
                    }))
        .contains("leavingIsSaidOnceAndTheNodeStaysInItsOwnView");
  }

  @Test
  void historyTheWrongWayRoundIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public synchronized List<MembershipChange> history(NodeId node) {
                        List<MembershipChange> reversed = new ArrayList<>(super.history(node));
                        Collections.reverse(reversed);
                        return reversed;
                      }
                    }))
        .contains("historyTellsWhatHappenedOldestFirst");
  }

  @Test
  void drainThatAlwaysSaysYesIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public boolean drain(NodeId node, String reason) {
                        super.drain(node, reason);
                        return true;
                      }
                    }))
        .containsExactly(
            "anyNodeMayDrainAnother",
            "drainingIsAChangeOnceAndSaysWhy",
            "onlyOneOfManyWhoDrainMadeTheChange");
  }

  @Test
  void swallowedInterruptIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public JoinResult join(JoinRequest request) {
                        boolean interrupted = Thread.interrupted();
                        return interrupted
                            ? new JoinResult.TimedOut("interrupted")
                            : super.join(request);
                      }
                    }))
        .containsExactly("interruptedJoinEndsAndKeepsTheInterrupt");
  }

  @Test
  void watchThatCannotBeClosedIsNoticed() {
    assertThat(
            failures(
                (board, self) ->
                    new SampleMember(board, self) {
                      @Override
                      public Watch watch(Consumer<MembershipChange> listener) {
                        super.watch(listener);
                        return () -> {};
                      }
                    }))
        .containsExactly(
            "closedWatchHearsNothingMore", "oneListenerPutUpTwiceHearsTwiceAndIsTakenOffOnce");
  }

  private static Set<String> failures(
      BiFunction<Switchboard, NodeDescriptor, SampleMember> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
