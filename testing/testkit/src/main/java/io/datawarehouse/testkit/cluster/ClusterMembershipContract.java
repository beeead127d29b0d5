package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ClusterMembership.Member} must do, of a cluster of any size, also one that is
 * alone. An implementation that knows other nodes extends {@link ClusteredMembershipContract}.
 *
 * <p>Nothing has to happen at once: what the contract allows to take a while is waited for, up to
 * {@link #soon()}. The subclass makes a member for each test and ends it afterwards.
 */
public abstract class ClusterMembershipContract {

  /** A node that no test lets in. */
  protected static final NodeId STRANGER = new NodeId("never-heard-of");

  private static final int THREADS = 4;

  /** Returns the member under test, which has not joined; the same object in one test. */
  protected abstract ClusterMembership.Member member();

  /** Returns a request by which that member, or another of the same cluster, is let in. */
  protected abstract JoinRequest requestOf(ClusterMembership.Member member);

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void nodeIsInItsOwnViewBeforeItJoinsAndDoesNotTakeRequests() {
    ClusterNode self = self();

    assertThat(self.id()).isEqualTo(member().localNodeId());
    assertThat(self.state().takesRequests()).isFalse();
    assertThat(self.reason()).isNotBlank();
  }

  @Test
  void joiningMakesTheNodeActive() {
    JoinResult result = member().join(requestOf(member()));

    assertThat(result).isInstanceOf(JoinResult.Joined.class);
    assertThat(stateIn(((JoinResult.Joined) result).view())).matches(NodeState::member);
    awaitSelf(NodeState.ACTIVE);
    assertThat(member().view().active())
        .extracting(ClusterNode::id)
        .contains(member().localNodeId());
  }

  @Test
  void joiningAgainAnswersWithThePresentView() {
    join();
    long topology = member().view().topologyId();

    JoinResult again = member().join(requestOf(member()));

    assertThat(again).isInstanceOf(JoinResult.Joined.class);
    assertThat(((JoinResult.Joined) again).view().topologyId()).isGreaterThanOrEqualTo(topology);
    assertThat(self().state()).isEqualTo(NodeState.ACTIVE);
  }

  @Test
  void interruptedJoinEndsAndKeepsTheInterrupt() {
    JoinResult result =
        Crowd.elsewhere(
            soon().plus(requestOf(member()).limit()),
            () -> {
              Thread.currentThread().interrupt();
              JoinResult answer = member().join(requestOf(member()));
              assertThat(Thread.interrupted()).as("the interrupt was restored").isTrue();
              return answer;
            });

    assertThat(result).isInstanceOfAny(JoinResult.Joined.class, JoinResult.TimedOut.class);
  }

  @Test
  void viewIsTheSameObjectUntilSomethingChangesAndCostsNothing() {
    join();
    settle();
    long topology = member().view().topologyId();
    ClusterView view = member().view();

    if (member().view().topologyId() == topology) {
      assertThat(member().view()).isSameAs(view);
    }
    Allocations.requireNone("view()", i -> member().view());
  }

  @Test
  void topologyGrowsWithEveryChangeAndTheViewIsReplacedBeforeListenersAreTold() {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    List<Long> topologies = new CopyOnWriteArrayList<>();
    member()
        .watch(
            change -> {
              long told = change.view().topologyId();
              topologies.add(told);
              if (member().view().topologyId() < told) {
                wrong.add("told of topology " + told + " before it was in force");
              }
              if (!change.view().find(change.node().id()).equals(Optional.of(change.node()))) {
                wrong.add("the view of a change does not hold it: " + change);
              }
            });

    goThroughLife();

    Eventually.is("changes", soon(), () -> topologies.size() >= 3);
    assertThat(wrong).isEmpty();
    assertThat(topologies).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void listenerHearsEveryChangeOfTheNodeInOrder() {
    List<MembershipChange> heard = new CopyOnWriteArrayList<>();
    NodeState before = self().state();
    member().watch(change -> ifOfSelf(change, heard));

    goThroughLife();

    Eventually.is("the last change", soon(), () -> endsWith(heard, NodeState.LEFT));
    NodeState last = before;
    for (MembershipChange change : heard) {
      assertThat(change.before()).as("before %s", change.node()).contains(last);
      assertThat(change.node().state().predecessors()).contains(last);
      last = change.node().state();
    }
    assertThat(heard)
        .extracting(change -> change.node().state())
        .containsSubsequence(NodeState.ACTIVE, NodeState.DRAINING, NodeState.LEFT)
        .doesNotHaveDuplicates();
  }

  @Test
  void listenersAreToldOneAtATime() {
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean overlapped = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    for (int i = 0; i < THREADS; i++) {
      member()
          .watch(
              change -> {
                overlapped.compareAndSet(false, inside.incrementAndGet() > 1);
                Thread.yield();
                inside.decrementAndGet();
                calls.incrementAndGet();
              });
    }
    join();

    Crowd.all(
        THREADS,
        soon(),
        number -> {
          if (number % 2 == 0) {
            return member().drain(member().localNodeId(), "thread " + number);
          }
          member().leave("thread " + number);
          return false;
        });

    awaitSelf(NodeState.LEFT);
    Eventually.is("news of joining and leaving", soon(), () -> calls.get() >= 2 * THREADS);
    assertThat(overlapped).as("two calls at the same time").isFalse();
  }

  @Test
  void listenerIsToldUnderNoLock() {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicInteger calls = new AtomicInteger();
    member()
        .watch(
            change -> {
              try {
                Crowd.elsewhere(soon().dividedBy(2), this::useEverythingThatOnlyLooks);
              } catch (AssertionError e) {
                failures.add(e);
              }
              calls.incrementAndGet();
            });

    join();

    Eventually.is("news of joining", soon().multipliedBy(2), () -> calls.get() > 0);
    assertThat(failures).isEmpty();
  }

  private boolean useEverythingThatOnlyLooks() {
    member().view();
    member().history(member().localNodeId());
    member().watch(change -> {}).close();
    return true;
  }

  @Test
  void listenerThatThrowsHarmsNobody() {
    List<NodeState> heard = new CopyOnWriteArrayList<>();
    member()
        .watch(
            change -> {
              throw new IllegalStateException("a broken listener");
            });
    member().watch(change -> heard.add(change.node().state()));

    goThroughLife();

    Eventually.is(
        "all changes",
        soon(),
        () -> heard.containsAll(List.of(NodeState.ACTIVE, NodeState.DRAINING, NodeState.LEFT)));
  }

  @Test
  void closedWatchHearsNothingMore() {
    List<NodeState> closedEarly = new CopyOnWriteArrayList<>();
    List<NodeState> all = new CopyOnWriteArrayList<>();
    Watch watch = member().watch(change -> closedEarly.add(change.node().state()));
    member().watch(change -> all.add(change.node().state()));
    join();
    Eventually.is("news of joining", soon(), () -> closedEarly.contains(NodeState.ACTIVE));

    watch.close();
    watch.close();
    member().leave("nobody hears of it");

    Eventually.is("the other listener hears", soon(), () -> all.contains(NodeState.LEFT));
    assertThat(closedEarly).doesNotContain(NodeState.LEFT);
  }

  @Test
  void oneListenerPutUpTwiceHearsTwiceAndIsTakenOffOnce() {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger changes = new AtomicInteger();
    java.util.function.Consumer<MembershipChange> listener = change -> calls.incrementAndGet();
    Watch first = member().watch(listener);
    member().watch(listener);
    first.close();
    first.close();
    member().watch(change -> changes.incrementAndGet());

    goThroughLife();

    awaitSelf(NodeState.LEFT);
    Eventually.is(
        "both hear the same", soon(), () -> changes.get() >= 3 && calls.get() == changes.get());
  }

  @Test
  void drainingIsAChangeOnceAndSaysWhy() {
    join();

    assertThat(member().drain(member().localNodeId(), "scaled in")).isTrue();
    awaitSelf(NodeState.DRAINING);
    assertThat(self().reason()).contains("scaled in");
    assertThat(member().drain(member().localNodeId(), "again")).isFalse();
    assertThat(self().reason()).contains("scaled in");
    member().leave("stopped");
    awaitSelf(NodeState.LEFT);
    assertThat(member().drain(member().localNodeId(), "too late")).isFalse();
  }

  @Test
  void onlyOneOfManyWhoDrainMadeTheChange() {
    join();

    List<Boolean> answers =
        Crowd.all(
            THREADS, soon(), number -> member().drain(member().localNodeId(), "thread " + number));

    assertThat(Collections.frequency(answers, true)).isEqualTo(1);
  }

  @Test
  void drainingAStrangerIsATypedError() {
    join();

    assertThatThrownBy(() -> member().drain(STRANGER, "who is that"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NOT_FOUND));
  }

  @Test
  void leavingIsSaidOnceAndTheNodeStaysInItsOwnView() {
    join();

    member().leave("stopped");
    awaitSelf(NodeState.LEFT);
    assertThat(self().reason()).contains("stopped");
    member().leave("twice");

    assertThat(self().reason()).contains("stopped");
    assertThat(member().view().members())
        .extracting(ClusterNode::id)
        .doesNotContain(member().localNodeId());
  }

  @Test
  void leavingWithoutHavingJoinedIsNoError() {
    member().leave("changed its mind");

    assertThat(self().state().takesRequests()).isFalse();
  }

  @Test
  void historyTellsWhatHappenedOldestFirst() {
    goThroughLife();
    awaitSelf(NodeState.LEFT);

    List<MembershipChange> history = member().history(member().localNodeId());

    assertThat(history)
        .extracting(change -> change.node().state())
        .containsSubsequence(NodeState.ACTIVE, NodeState.DRAINING, NodeState.LEFT);
    assertThat(history).extracting(change -> change.view().topologyId()).isSorted();
    assertThat(history.get(history.size() - 1).node()).isEqualTo(self());
    assertThat(member().history(STRANGER)).isEmpty();
  }

  @Test
  void viewIsWholeAndGrowsWhateverHappensMeanwhile() {
    AtomicBoolean done = new AtomicBoolean();
    NodeId id = member().localNodeId();
    Set<String> wrong = Collections.synchronizedSet(new HashSet<>());

    Crowd.all(
        THREADS,
        soon().multipliedBy(2),
        number -> {
          if (number == 0) {
            try {
              goThroughLife();
            } finally {
              done.set(true);
            }
            return true;
          }
          long last = -1;
          while (!done.get()) {
            ClusterView view = member().view();
            if (view.topologyId() < last) {
              wrong.add("topology went from " + last + " to " + view.topologyId());
            }
            if (view.find(id).isEmpty()) {
              wrong.add("the local node is missing in " + view);
            }
            last = view.topologyId();
          }
          return true;
        });

    assertThat(wrong).isEmpty();
  }

  /** Joins and waits until the node is active. */
  protected final void join() {
    JoinResult result = member().join(requestOf(member()));
    assertThat(result).isInstanceOf(JoinResult.Joined.class);
    awaitSelf(NodeState.ACTIVE);
  }

  /** Returns the local node as its own view has it. */
  protected final ClusterNode self() {
    return member().view().find(member().localNodeId()).orElseThrow();
  }

  /** Waits until the local node is in that state in its own view. */
  protected final void awaitSelf(NodeState state) {
    awaitThat("the local node is " + state, () -> self().state() == state);
  }

  /** Waits until that is so, at most {@link #soon()}. */
  protected final void awaitThat(String what, Supplier<Boolean> condition) {
    Eventually.is(what, soon(), condition::get);
  }

  private void goThroughLife() {
    join();
    assertThat(member().drain(member().localNodeId(), "scaled in")).isTrue();
    awaitSelf(NodeState.DRAINING);
    member().leave("stopped");
    awaitSelf(NodeState.LEFT);
  }

  /** Waits until everybody knows what happened so far. */
  private void settle() {
    awaitThat(
        "the news are told",
        () ->
            member().history(member().localNodeId()).stream()
                .anyMatch(change -> change.node().state() == NodeState.ACTIVE));
  }

  private NodeState stateIn(ClusterView view) {
    return view.find(member().localNodeId()).orElseThrow().state();
  }

  private void ifOfSelf(MembershipChange change, List<MembershipChange> heard) {
    if (change.node().id().equals(member().localNodeId())) {
      heard.add(change);
    }
  }

  private static boolean endsWith(List<MembershipChange> heard, NodeState state) {
    return !heard.isEmpty() && heard.get(heard.size() - 1).node().state() == state;
  }
}
