package io.datawarehouse.kernel.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.HealthReport;
import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterHealthMonitorTest {

  private static final Duration WHILE = Duration.ofSeconds(30);

  private final MonitorFixture fixture = new MonitorFixture(4);
  private final ClusterHealthMonitor monitor = fixture.monitor;

  // ---- silence -------------------------------------------------------------------------------

  @Test
  void aFrozenNodeGetsNoRequestsAfterTwoAndAHalfSeconds() {
    for (long seed = 1; seed <= 50; seed++) {
      MonitorFixture cluster = new MonitorFixture(3);
      Random random = new Random(seed);
      for (int i = 0; i < 100; i++) {
        cluster.pass(Duration.ofMillis(400 + random.nextInt(200)));
        cluster.beat(1);
        cluster.beat(2);
        cluster.beat(3);
      }
      Duration frozen = Duration.ZERO;
      while (cluster.health(1).usable()) {
        cluster.pass(Duration.ofMillis(50));
        frozen = frozen.plusMillis(50);
        if (frozen.toMillis() % 500 == 0) {
          cluster.beat(2);
          cluster.beat(3);
        }
      }
      assertThat(frozen).as("seed %d", seed).isLessThanOrEqualTo(Duration.ofMillis(2_500));
      assertThat(cluster.health(2)).isEqualTo(NodeHealth.HEALTHY);
    }
  }

  @Test
  void irregularHeartbeatsAreNotTakenForDeath() {
    Random random = new Random(42);
    fixture.live(WHILE);
    for (int i = 0; i < 5_000; i++) {
      int gap = i % 50 == 0 ? 1_500 : 200 + random.nextInt(600);
      fixture.pass(Duration.ofMillis(gap));
      for (int number = 1; number <= 4; number++) {
        assertThat(fixture.health(number).usable()).as("beat %d", i).isTrue();
        fixture.beat(number);
      }
    }
    assertThat(monitor.brake()).isEmpty();
  }

  @Test
  void aSilentNodeIsUnhealthyThenOffline() {
    fixture.live(WHILE);

    fixture.live(Duration.ofSeconds(3), 1);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.UNHEALTHY);
    assertThat(fixture.reason(1)).isEqualTo("silent for 3.0 s");
    assertThat(monitor.report(fixture.node(1)).orElseThrow().suspicion()).isGreaterThan(8);

    fixture.live(Duration.ofSeconds(2), 1);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.OFFLINE);
    assertThat(monitor.brake()).isEmpty();
  }

  @Test
  void aNodeThatComesBackIsUsedFromItsFirstHeartbeatAndTrustedSoonAfter() {
    fixture.live(WHILE);
    fixture.live(Duration.ofSeconds(60), 1);

    fixture.beat(1);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
    fixture.live(Duration.ofMillis(1_500));
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);

    fixture.live(Duration.ofMillis(2_500), 1);
    assertThat(fixture.health(1))
        .as("its outage made nobody patient")
        .isEqualTo(NodeHealth.UNHEALTHY);
  }

  @Test
  void aLostConnectionCountsAtOnceUntilTheNodeIsHeard() {
    fixture.live(WHILE);

    monitor.accept(fixture.node(2), new HealthEvidence.Lost("connection reset"));
    assertThat(fixture.health(2)).isEqualTo(NodeHealth.OFFLINE);
    fixture.live(Duration.ofSeconds(5), 2);
    assertThat(fixture.reason(2)).isEqualTo("the connection was lost: connection reset");

    monitor.accept(fixture.node(2), new HealthEvidence.Answered(Duration.ofMillis(1)));
    fixture.beat(2);
    assertThat(fixture.health(2).usable()).isTrue();
  }

  @Test
  void aMemberThatNeverSaysAnythingIsNotUsedForLong() {
    fixture.live(Duration.ofMillis(4_500), 3);
    assertThat(fixture.health(3)).isEqualTo(NodeHealth.UNKNOWN);

    fixture.live(Duration.ofSeconds(1), 3);
    assertThat(fixture.health(3)).isEqualTo(NodeHealth.UNHEALTHY);
    assertThat(fixture.reason(3)).isEqualTo("it was never heard");

    fixture.beat(3);
    assertThat(fixture.health(3).usable()).isTrue();
  }

  @Test
  void aNewRunStartsWithoutTheFaultsOfTheOneBefore() {
    fixture.live(WHILE);
    for (int i = 0; i < 20; i++) {
      monitor.accept(fixture.node(1), new HealthEvidence.Failed("no answer"));
    }
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.UNHEALTHY);

    fixture.beat(1, 2, MonitorFixture.CALM);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aHeartbeatOfAnEarlierRunIsIgnored() {
    fixture.live(WHILE);
    fixture.beat(1, 2, MonitorFixture.CALM);
    for (int i = 0; i < 6; i++) {
      fixture.live(Duration.ofMillis(500), 1);
      fixture.beat(1, 1, MonitorFixture.CALM);
    }

    assertThat(fixture.health(1)).isEqualTo(NodeHealth.UNHEALTHY);
  }

  // ---- the brake -----------------------------------------------------------------------------

  @Test
  void lessThanHalfOfAllMayDieAtOnce() {
    fixture.live(WHILE);

    fixture.live(Duration.ofSeconds(6), 1, 2);

    assertThat(monitor.brake()).isEmpty();
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.OFFLINE);
    assertThat(fixture.metrics.gauge("cluster.health.brake")).isZero();
  }

  @Test
  void moreThanHalfOfAllAreNotTakenForOfflineButNotUsedEither() {
    fixture.live(WHILE);

    fixture.live(Duration.ofSeconds(6), 1, 2, 3);

    assertThat(monitor.brake())
        .contains("3 of 5 nodes look dead at once: none is removed for that");
    for (int number = 1; number <= 3; number++) {
      assertThat(fixture.health(number)).isEqualTo(NodeHealth.UNHEALTHY);
    }
    assertThat(fixture.health(4)).isEqualTo(NodeHealth.HEALTHY);
    assertThat(fixture.metrics.gauge("cluster.health.brake")).isOne();

    fixture.beat(1);
    assertThat(monitor.brake()).isEmpty();
    assertThat(fixture.health(1).usable()).isTrue();
    assertThat(fixture.health(2)).isEqualTo(NodeHealth.OFFLINE);
  }

  @Test
  void connectionsThatBreakAllAtOncePullTheBrake() {
    fixture.live(WHILE);

    for (int number = 1; number <= 4; number++) {
      monitor.accept(fixture.node(number), new HealthEvidence.Lost("the cable is out"));
    }

    assertThat(monitor.brake()).isPresent();
    for (int number = 1; number <= 4; number++) {
      assertThat(fixture.health(number)).isEqualTo(NodeHealth.UNHEALTHY);
      assertThat(fixture.reason(number)).contains("the cable is out");
    }
  }

  @Test
  void whoIsGoneByTheMembershipIsNeitherCountedNorSpared() {
    fixture.live(WHILE);
    for (String node : List.of("node-1", "node-2")) {
      fixture.cluster.move(node, NodeState.SUSPECT, "not heard");
      fixture.cluster.move(node, NodeState.DEAD, "given up");
    }

    assertThat(fixture.health(1)).isEqualTo(NodeHealth.OFFLINE);
    assertThat(fixture.reason(1)).isEqualTo("the membership says DEAD: given up");
    fixture.live(Duration.ofSeconds(6), 1, 2, 3);
    assertThat(monitor.brake()).as("one of the two that are left").isEmpty();
    assertThat(fixture.health(3)).isEqualTo(NodeHealth.OFFLINE);
  }

  /** Of all nodes, the one that judges among them, half may be gone and no more. */
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 1", "4, 2", "5, 2", "6, 3"})
  void brakeIsPulledForOneMoreThanHalfOfAllNodes(int nodes, int half) {
    MonitorFixture all = new MonitorFixture(nodes - 1);
    all.live(WHILE);

    Integer[] gone = IntStream.rangeClosed(1, half).boxed().toArray(Integer[]::new);
    all.live(Duration.ofSeconds(6), gone);

    assertThat(all.monitor.brake()).isEmpty();
    assertThat(all.health(1)).isEqualTo(NodeHealth.OFFLINE);

    if (half + 1 < nodes) {
      Integer[] more = IntStream.rangeClosed(1, half + 1).boxed().toArray(Integer[]::new);
      all.live(Duration.ofSeconds(6), more);

      assertThat(all.monitor.brake().orElseThrow()).startsWith(half + 1 + " of " + nodes);
      assertThat(all.health(half + 1)).isEqualTo(NodeHealth.UNHEALTHY);
    }
  }

  @Test
  void theOnlyOtherNodeIsNotUsedWhileItIsSilentAndIsUsedAgainWhenItIsBack() {
    MonitorFixture pair = new MonitorFixture(1);
    pair.live(WHILE);

    pair.pass(Duration.ofSeconds(10));
    assertThat(pair.monitor.brake()).isEmpty();
    assertThat(pair.health(1)).isEqualTo(NodeHealth.OFFLINE);

    pair.beat(1);
    assertThat(pair.health(1).usable()).isTrue();
  }

  // ---- a node that stood still itself --------------------------------------------------------

  @Test
  void aNodeThatStoodStillBlamesNobody() {
    fixture.live(WHILE);
    fixture.live(Duration.ofSeconds(6), 4);

    fixture.advance(Duration.ofMinutes(1));
    monitor.tick();

    assertThat(monitor.brake()).isEmpty();
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.UNKNOWN);
    assertThat(fixture.reason(1)).contains("stood still");
    assertThat(fixture.health(4)).as("silent before").isEqualTo(NodeHealth.OFFLINE);
    assertThat(fixture.metrics.count("cluster.health.standstills")).isOne();

    fixture.beat(1);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
    fixture.live(Duration.ofMillis(2_500), 2, 4);
    assertThat(fixture.health(2)).isEqualTo(NodeHealth.UNHEALTHY);
    assertThat(fixture.health(3)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aNodeThatStandsStillAgainAndAgainBlamesNobody() {
    fixture.live(WHILE);

    for (int i = 0; i < 10; i++) {
      fixture.advance(Duration.ofSeconds(2));
      monitor.tick();
      assertThat(fixture.health(1).usable()).isTrue();
    }
    assertThat(monitor.brake()).isEmpty();
  }

  // ---- answers, load, the membership's view --------------------------------------------------

  @Test
  void failuresDegradeANodeThenRuleItOutAndAreForgotten() {
    fixture.live(WHILE);

    answers(1, 35, 4);
    assertThat(fixture.health(1)).as("too few to tell").isEqualTo(NodeHealth.HEALTHY);
    answers(1, 0, 1);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
    assertThat(fixture.reason(1)).isEqualTo("5 of 40 requests failed, the last: no answer");
    answers(1, 0, 35);
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.UNHEALTHY);

    fixture.live(Duration.ofSeconds(12));
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aSlowNodeIsDegraded() {
    fixture.live(WHILE);

    for (int i = 0; i < 10; i++) {
      monitor.accept(fixture.node(1), new HealthEvidence.Answered(Duration.ofSeconds(3)));
    }
    fixture.live(Duration.ofSeconds(1));

    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
    assertThat(fixture.reason(1)).isEqualTo("it takes 3000 ms to answer");
    fixture.live(Duration.ofSeconds(12));
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aNodeWithoutRoomIsDegradedUntilItHasSomeAgain() {
    fixture.live(WHILE);

    fixture.beat(1, 1, new NodeLoad(20, 30, 99, 1, 2, 3));
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
    fixture.beat(1, 1, new NodeLoad(20, 30, 95, 1, 2, 3));
    assertThat(fixture.health(1)).as("a bit is not enough").isEqualTo(NodeHealth.DEGRADED);
    fixture.beat(1, 1, new NodeLoad(20, 30, 90, 1, 2, 3));
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aShortPeakOfTheProcessorsDegradesNobody() {
    fixture.live(WHILE);

    for (int i = 0; i < 5; i++) {
      fixture.beat(1, 1, new NodeLoad(100, 30, 40, 1, 2, 3));
    }
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
    for (int i = 0; i < 20; i++) {
      fixture.beat(1, 1, new NodeLoad(100, 30, 40, 1, 2, 3));
    }
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
  }

  @Test
  void aNodeThatIsHeardButSuspectedIsDegraded() {
    fixture.live(WHILE);

    fixture.cluster.move("node-1", NodeState.SUSPECT, "no answer to three probes");
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.DEGRADED);
    assertThat(fixture.reason(1)).contains("no answer to three probes");
    fixture.cluster.move("node-1", NodeState.ACTIVE, "it answers");
    assertThat(fixture.health(1)).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void aNodeThatJoinsIsKnownAndHeardAtOnce() {
    fixture.live(WHILE);
    fixture.cluster.add("node-9");

    assertThat(monitor.reports()).extracting(report -> report.node().value()).contains("node-9");
    monitor.accept(new NodeId("node-9"), new HealthEvidence.Heartbeat(1, MonitorFixture.CALM));
    assertThat(monitor.health(new NodeId("node-9"))).isEqualTo(NodeHealth.HEALTHY);
  }

  @Test
  void theLoadOfAnotherNodeIsShownAsLongAsItIsFresh() {
    fixture.live(WHILE);
    assertThat(monitor.report(fixture.node(1)).orElseThrow().load()).contains(MonitorFixture.CALM);

    fixture.live(Duration.ofSeconds(11), 1);
    assertThat(monitor.report(fixture.node(1)).orElseThrow().load()).isEmpty();
  }

  @Test
  void theNodeItselfIsHealthyOrBusy() {
    fixture.live(WHILE);
    assertThat(monitor.health(MonitorFixture.SELF)).isEqualTo(NodeHealth.HEALTHY);
    assertThat(monitor.report(MonitorFixture.SELF).orElseThrow().load())
        .contains(MonitorFixture.CALM);

    fixture.ownLoad = new NodeLoad(20, 99, 40, 1, 2, 3);
    fixture.live(Duration.ofSeconds(1));
    assertThat(monitor.health(MonitorFixture.SELF)).isEqualTo(NodeHealth.DEGRADED);
  }

  // ---- listeners, cost, threads --------------------------------------------------------------

  @Test
  void listenersHearOfEveryChangeInOrder() {
    List<HealthReport> heard = new CopyOnWriteArrayList<>();
    monitor.watch(heard::add);

    fixture.live(WHILE);
    fixture.live(Duration.ofSeconds(6), 1);
    fixture.live(Duration.ofSeconds(3));

    assertThat(heard)
        .filteredOn(report -> report.node().equals(fixture.node(1)))
        .extracting(HealthReport::health)
        .containsExactly(
            NodeHealth.HEALTHY,
            NodeHealth.UNHEALTHY,
            NodeHealth.OFFLINE,
            NodeHealth.DEGRADED,
            NodeHealth.HEALTHY);
    assertThat(fixture.metrics.count("cluster.health.changes", Map.of("health", "offline")))
        .isOne();
  }

  @Test
  void evidenceOfEveryMessageAllocatesNothing() {
    fixture.live(WHILE);
    HealthEvidence answered = new HealthEvidence.Answered(Duration.ofMillis(1));

    Allocations.requireNone("accept()", i -> monitor.accept(fixture.node(1), answered));
  }

  @Test
  void aQuietLookAllocatesLittle() {
    fixture.live(WHILE);

    Allocations.requireAtMost(512, "tick()", i -> monitor.tick());
  }

  @Test
  void manyThreadsBringEvidenceAtOnce() {
    fixture.live(WHILE);
    Crowd.all(
        4,
        Duration.ofSeconds(60),
        number -> {
          for (int i = 0; i < 2_000; i++) {
            var node = fixture.node(1 + (i + number) % 4);
            switch (i % 5) {
              case 0 -> fixture.beat(1 + i % 4);
              case 1 -> monitor.accept(node, new HealthEvidence.Failed("no answer"));
              case 2 -> monitor.accept(node, new HealthEvidence.Lost("reset"));
              case 3 -> monitor.tick();
              default -> monitor.accept(node, new HealthEvidence.Answered(Duration.ofMillis(1)));
            }
            assertThat(monitor.reports()).hasSize(5);
          }
          return number;
        });

    fixture.live(Duration.ofSeconds(15));
    for (int number = 1; number <= 4; number++) {
      assertThat(fixture.health(number)).isEqualTo(NodeHealth.HEALTHY);
    }
  }

  @Test
  void aClosedMonitorFollowsNobodyAnyMore() {
    monitor.close();
    fixture.cluster.add("node-9");

    assertThat(monitor.reports()).hasSize(5);
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> HealthSettings.with(Duration.ofMillis(10), 0.5))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("heartbeat");
    assertThatThrownBy(() -> HealthSettings.with(Duration.ofMillis(500), Double.NaN))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("brakeShare");
  }

  private void answers(int number, int good, int failed) {
    for (int i = 0; i < good; i++) {
      monitor.accept(fixture.node(number), new HealthEvidence.Answered(Duration.ofMillis(1)));
    }
    for (int i = 0; i < failed; i++) {
      monitor.accept(fixture.node(number), new HealthEvidence.Failed("no answer"));
    }
  }
}
