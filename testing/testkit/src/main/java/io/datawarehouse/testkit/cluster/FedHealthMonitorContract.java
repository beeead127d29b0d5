package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The contract of a monitor that judges other nodes by what is heard of them. Time passes only when
 * the test says so.
 */
public abstract class FedHealthMonitorContract extends NodeHealthMonitorContract {

  private static final NodeLoad BUSY = new NodeLoad(50, 40, 30, 20, 10, 5);
  private static final int MANY_BEATS = 60;
  private static final int MANY_FAILURES = 100;

  /** Returns where evidence is handed in. */
  protected abstract NodeHealthMonitor.Feed feed();

  /** Returns nine or more other nodes that are members and of which nothing was heard yet. */
  protected abstract List<NodeId> others();

  /** Lets time pass by the monitor's clock, and lets the monitor look at it. */
  protected abstract void advance(Duration by);

  /** Returns the time by the monitor's clock. */
  protected abstract Instant now();

  /** Returns how often living nodes say so. */
  protected Duration beat() {
    return Duration.ofSeconds(1);
  }

  /** Returns after how long a silence nobody could think that a node is well. */
  protected Duration longSilence() {
    return Duration.ofMinutes(2);
  }

  @Test
  void nodeThatWasNeverHeardIsUnknown() {
    for (NodeId node : others()) {
      assertThat(monitor().health(node)).as("%s", node).isEqualTo(NodeHealth.UNKNOWN);
    }
  }

  @Test
  void nodeThatIsHeardIsHealthyAndItsLoadIsKnown() {
    beatsOf(others());

    HealthReport report = monitor().report(one()).orElseThrow();

    assertThat(report.health()).isEqualTo(NodeHealth.HEALTHY);
    assertThat(report.load()).contains(BUSY);
    assertThat(report.lastHeard().orElseThrow()).isBeforeOrEqualTo(now());
    assertThat(report.lastHeard().orElseThrow()).isAfterOrEqualTo(now().minus(beat()));
  }

  @Test
  void nodeThatFallsSilentIsNotUsedAnyMore() {
    beatsOf(others());

    silenceOf(one());

    assertThat(monitor().health(one())).isIn(NodeHealth.OFFLINE, NodeHealth.UNKNOWN);
    assertThat(monitor().health(others().get(1))).isEqualTo(NodeHealth.HEALTHY);
    assertThat(monitor().brake()).as("one of many is no reason to brake").isEmpty();
  }

  @Test
  void silenceOfAllIsNeverHealth() {
    beatsOf(others());

    advance(longSilence());

    for (NodeId node : others()) {
      assertThat(monitor().health(node)).as("%s", node).isNotEqualTo(NodeHealth.HEALTHY);
    }
  }

  @Test
  void nodeThatComesBackIsUsedAgain() {
    beatsOf(others());
    silenceOf(one());

    beatsOf(others());

    assertThat(monitor().health(one())).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void nodeThatComesBackInAnotherRunIsUsedAgain() {
    beatsOf(others());
    silenceOf(one());

    for (int i = 0; i < MANY_BEATS; i++) {
      advance(beat());
      say(others().subList(1, others().size()), 1);
      feed().accept(one(), new HealthEvidence.Heartbeat(2, BUSY));
    }

    assertThat(monitor().health(one())).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void nodeWhoseConnectionBrokeIsNotHealthyUntilItIsHeardAgain() {
    beatsOf(others());

    feed().accept(one(), new HealthEvidence.Lost("connection reset"));

    awaitThat("the loss is judged", () -> monitor().health(one()) != NodeHealth.HEALTHY);
    assertThat(monitor().report(one()).orElseThrow().reason()).contains("connection reset");
    beatsOf(others());
    assertThat(monitor().health(one())).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void nodeThatFailsEveryRequestIsNotHealthyThoughItIsAlive() {
    beatsOf(others());

    for (int i = 0; i < MANY_FAILURES; i++) {
      feed().accept(one(), new HealthEvidence.Failed("answered nonsense"));
    }

    awaitThat("the failures are judged", () -> monitor().health(one()) != NodeHealth.HEALTHY);
    assertThat(monitor().health(others().get(1))).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void answersKeepANodeHealthyWithoutHeartbeats() {
    beatsOf(others());

    for (int i = 0; i < MANY_BEATS; i++) {
      advance(beat());
      say(others().subList(1, others().size()), 1);
      feed().accept(one(), new HealthEvidence.Answered(Duration.ofMillis(2)));
    }

    assertThat(monitor().health(one())).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void brakeIsPulledWhenAllSeemDeadAtOnceAndReleasedAfterwards() {
    beatsOf(others());

    advance(longSilence());

    assertThat(monitor().brake()).isPresent();
    assertThat(monitor().brake().orElseThrow()).isNotBlank();
    for (NodeId node : others()) {
      assertThat(monitor().health(node)).as("%s", node).isNotEqualTo(NodeHealth.OFFLINE);
    }
    beatsOf(others());
    assertThat(monitor().brake()).isEmpty();
    assertThat(monitor().health(one())).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void evidenceOnAStrangerIsIgnored() {
    feed().accept(STRANGER, new HealthEvidence.Heartbeat(1, BUSY));
    feed().accept(STRANGER, new HealthEvidence.Failed("who is that"));

    strangerIsUnknown();
  }

  @Test
  void listenerHearsOfChangedJudgementsUntilItIsTakenOff() {
    List<HealthReport> heard = new CopyOnWriteArrayList<>();
    List<HealthReport> all = new CopyOnWriteArrayList<>();
    Watch watch = monitor().watch(heard::add);
    monitor().watch(all::add);

    beatsOf(others());
    awaitThat("healthy is heard", () -> hasHeard(heard, NodeHealth.HEALTHY));
    watch.close();
    feed().accept(one(), new HealthEvidence.Lost("unplugged"));
    silenceOf(one());

    NodeHealth now = monitor().health(one());
    awaitThat("the loss is heard by the other", () -> hasHeard(all, now));
    assertThat(hasHeard(heard, now)).isFalse();
  }

  @Test
  void listenersAreToldOneAtATimeAndAFailingOneHarmsNobody() {
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean overlapped = new AtomicBoolean();
    List<HealthReport> heard = new CopyOnWriteArrayList<>();
    monitor()
        .watch(
            report -> {
              throw new IllegalStateException("a broken listener");
            });
    monitor()
        .watch(
            report -> {
              overlapped.compareAndSet(false, inside.incrementAndGet() > 1);
              Thread.yield();
              heard.add(report);
              inside.decrementAndGet();
            });
    List<NodeId> nodes = others();

    beatsOf(nodes);
    Crowd.all(
        4,
        soon(),
        number -> {
          for (int i = 0; i < 50; i++) {
            NodeId node = nodes.get((number + i) % nodes.size());
            feed().accept(node, new HealthEvidence.Lost("unplugged"));
            feed().accept(node, new HealthEvidence.Heartbeat(1, BUSY));
          }
          return number;
        });

    awaitThat("something is heard", () -> hasHeard(heard, NodeHealth.HEALTHY));
    assertThat(overlapped).as("two calls at the same time").isFalse();
  }

  @Test
  void askingForTheHealthOfOthersCostsNothing() {
    beatsOf(others());
    List<NodeId> nodes = others();

    Allocations.requireNone("health()", i -> monitor().health(nodes.get(i % nodes.size())));
  }

  private NodeId one() {
    return others().get(0);
  }

  /** Time passes in which those nodes say that they are alive. */
  private void beatsOf(Collection<NodeId> nodes) {
    for (int i = 0; i < MANY_BEATS; i++) {
      advance(beat());
      say(nodes, 1);
    }
  }

  private void silenceOf(NodeId node) {
    List<NodeId> rest = others().stream().filter(other -> !other.equals(node)).toList();
    for (Duration passed = Duration.ZERO;
        passed.compareTo(longSilence()) < 0;
        passed = passed.plus(beat())) {
      advance(beat());
      say(rest, 1);
    }
  }

  private void say(Collection<NodeId> nodes, long incarnation) {
    for (NodeId node : nodes) {
      feed().accept(node, new HealthEvidence.Heartbeat(incarnation, BUSY));
    }
  }

  private boolean hasHeard(List<HealthReport> heard, NodeHealth health) {
    return heard.stream()
        .anyMatch(report -> report.node().equals(one()) && report.health() == health);
  }
}
