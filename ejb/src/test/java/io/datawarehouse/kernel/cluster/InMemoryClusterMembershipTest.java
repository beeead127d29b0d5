package io.datawarehouse.kernel.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import io.datawarehouse.sdk.cluster.MembershipChange;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InMemoryClusterMembershipTest {

  private static final NodeId SELF = new NodeId("self");
  private static final NodeId OTHER = new NodeId("other");

  private final ManualClock clock = new ManualClock();
  private final NodeDescriptor descriptor =
      NodeDescriptor.of(SELF, "local", "1.0", clock.instant());
  private final InMemoryClusterMembership membership =
      new InMemoryClusterMembership(descriptor, clock);

  @Test
  void nodeIsInItsOwnViewBeforeItJoinsAndActiveAfter() {
    assertThat(state()).isEqualTo(NodeState.JOINING);

    assertThat(membership.join(request(descriptor)).joined()).isTrue();

    assertThat(state()).isEqualTo(NodeState.ACTIVE);
    assertThat(membership.view().active()).extracting(ClusterNode::id).containsExactly(SELF);
    long topology = membership.view().topologyId();
    assertThat(membership.join(request(descriptor)).joined()).isTrue();
    assertThat(membership.view().topologyId()).as("joining twice").isEqualTo(topology);
  }

  @Test
  void foreignNodeIsRefused() {
    JoinResult result =
        membership.join(request(NodeDescriptor.of(OTHER, "x:1", "1.0", clock.instant())));

    assertThat(result).isInstanceOf(JoinResult.Refused.class);
    assertThat(((JoinResult.Refused) result).detail()).contains("self").contains("other");
    assertThat(state()).isEqualTo(NodeState.JOINING);
  }

  @Test
  void drainsLeavesAndJoinsAgainWithTheReasonOfEachStepKept() {
    membership.join(request(descriptor));
    clock.advance(Duration.ofMinutes(1));

    assertThat(membership.drain(SELF, "scaled in")).isTrue();
    assertThat(membership.drain(SELF, "again")).isFalse();
    membership.leave("stopped");
    membership.leave("twice");
    assertThat(membership.view().members()).isEmpty();
    assertThat(membership.view().nodes()).hasSize(1);
    membership.join(request(descriptor));

    assertThat(membership.history(SELF))
        .extracting(change -> change.node().state() + " " + change.node().reason())
        .containsExactly(
            "JOINING the node starts",
            "ACTIVE the node works alone",
            "DRAINING scaled in",
            "LEFT stopped",
            "JOINING the node joins again",
            "ACTIVE the node works alone");
    assertThat(membership.history(SELF).get(2).node().since()).isEqualTo(clock.instant());
    assertThat(membership.history(OTHER)).isEmpty();
    assertThatThrownBy(() -> membership.drain(OTHER, "?"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NOT_FOUND));
  }

  @Test
  void historyIsBounded() {
    for (int i = 0; i < 100; i++) {
      membership.join(request(descriptor));
      membership.leave("round " + i);
    }
    assertThat(membership.history(SELF)).hasSize(64);
    assertThat(membership.history(SELF).get(63).node().reason()).isEqualTo("round 99");
  }

  @Test
  void listenersHearEveryChangeInOrderAndOneThatFailsHarmsNobody() {
    List<MembershipChange> heard = new ArrayList<>();
    Watch broken =
        membership.watch(
            change -> {
              throw new IllegalStateException("broken listener");
            });
    Watch watch = membership.watch(heard::add);
    membership.join(request(descriptor));
    membership.drain(SELF, "scaled in");
    watch.close();
    watch.close();
    membership.leave("unheard");
    broken.close();

    assertThat(heard)
        .extracting(change -> change.before().orElseThrow() + ">" + change.node().state())
        .containsExactly("JOINING>ACTIVE", "ACTIVE>DRAINING");
    assertThat(heard).extracting(change -> change.view().topologyId()).containsExactly(1L, 2L);
  }

  @Test
  void listenerThatChangesSomethingHearsOfItAfterwards() {
    List<NodeState> heard = new ArrayList<>();
    AtomicReference<Integer> depth = new AtomicReference<>(0);
    membership.watch(
        change -> {
          assertThat(depth.getAndUpdate(d -> d + 1)).as("one at a time").isZero();
          if (change.node().state() == NodeState.ACTIVE) {
            membership.drain(SELF, "at once");
          }
          heard.add(change.node().state());
          depth.set(0);
        });

    membership.join(request(descriptor));

    assertThat(heard).containsExactly(NodeState.ACTIVE, NodeState.DRAINING);
  }

  @Test
  void newsOfManyThreadsAreToldOneAtATimeAndNoneIsLost() throws InterruptedException {
    OrderedListeners<Integer> listeners = new OrderedListeners<>();
    List<Integer> heard = new CopyOnWriteArrayList<>();
    AtomicReference<Thread> inside = new AtomicReference<>();
    listeners.watch(
        item -> {
          assertThat(inside.compareAndSet(null, Thread.currentThread())).isTrue();
          heard.add(item);
          inside.set(null);
        });
    int threads = 4;
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    for (int t = 0; t < threads; t++) {
      int first = t * 250;
      pool.execute(
          () -> {
            awaitQuietly(start);
            for (int i = 0; i < 250; i++) {
              listeners.add(first + i);
              listeners.tell();
            }
          });
    }
    start.countDown();
    pool.shutdown();
    assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

    assertThat(heard).hasSize(threads * 250).doesNotHaveDuplicates();
  }

  @Test
  void clusterOfOneDescribesItself() {
    membership.join(request(descriptor));
    SingleNodeCluster cluster = new SingleNodeCluster(membership, clock);

    assertThat(cluster.clustered()).isFalse();
    assertThat(cluster.localNodeId()).isEqualTo(SELF);
    assertThat(cluster.leadership().leads(SELF)).isTrue();
    assertThat(cluster.isPrimary("bucket/any key")).isTrue();
    assertThat(cluster.placement().owners(255)).containsExactly(SELF);
    assertThatThrownBy(() -> cluster.placement().owners(256))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(cluster.health().health(SELF)).isEqualTo(NodeHealth.HEALTHY);
    assertThat(cluster.health().health(OTHER)).isEqualTo(NodeHealth.UNKNOWN);
    assertThat(cluster.health().reports()).hasSize(1);
    assertThat(cluster.health().report(OTHER)).isEmpty();
    assertThat(cluster.health().brake()).isEmpty();
  }

  @Test
  void pluginsCannotMakeTheNodeLeave() {
    ClusterMembership shown = new SingleNodeCluster(membership, clock).membership();

    assertThat(shown).isNotInstanceOf(ClusterMembership.Member.class);
    assertThat(shown.view()).isSameAs(membership.view());
    assertThat(shown.history(SELF)).isEqualTo(membership.history(SELF));
  }

  private NodeState state() {
    return membership.view().find(SELF).orElseThrow().state();
  }

  private static JoinRequest request(NodeDescriptor self) {
    return new JoinRequest("dw", self, List.of(), Duration.ofSeconds(1));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
