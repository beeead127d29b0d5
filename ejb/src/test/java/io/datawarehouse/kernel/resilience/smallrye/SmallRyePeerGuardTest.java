package io.datawarehouse.kernel.resilience.smallrye;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.PeerCircuit;
import io.datawarehouse.kernel.cluster.PeerCircuit.State;
import io.datawarehouse.kernel.federation.PeerGuard;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SmallRyePeerGuardTest {

  private static final NodeId PEER = new NodeId("node-2");
  private static final NodeId OTHER = new NodeId("node-3");
  private static final Topic PING = Topic.of("echo.ping");
  private static final Topic WRITE = Topic.of("storage.write");
  private static final WarehouseException AWAY =
      new WarehouseException(StandardErrorCode.UNAVAILABLE, "away");

  private final SmallRyePeerGuard guard = guard(Duration.ofMinutes(5));

  private static SmallRyePeerGuard guard(Duration openFor) {
    return new SmallRyePeerGuard(
        new SmallRyePeerGuard.Settings(new CircuitBreakerSettings(3, openFor, 1), 2),
        System::nanoTime,
        new RecordingMetrics());
  }

  private static void fail(SmallRyePeerGuard guard, NodeId peer, Topic topic, int times) {
    for (int i = 0; i < times; i++) {
      guard.enter(peer, topic).failure(AWAY, 1);
    }
  }

  @Test
  void circuitOpensAfterItsFailuresForThatPeerAndOperationAlone() {
    fail(guard, PEER, PING, 3);

    assertThat(guard.admits(PEER, PING)).isFalse();
    assertThatThrownBy(() -> guard.enter(PEER, PING))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN));
    assertThat(guard.admits(OTHER, PING)).isTrue();
    guard.enter(PEER, WRITE).success(1);
    assertThat(guard.circuits())
        .extracting(PeerCircuit::operation, PeerCircuit::state)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("echo.ping", State.OPEN),
            org.assertj.core.groups.Tuple.tuple("storage.write", State.CLOSED));
  }

  @Test
  void circuitsOfAPeerThatIsBackCloseButForAnOperatorsOrder() {
    fail(guard, PEER, PING, 3);
    fail(guard, OTHER, PING, 3);
    var unused = guard.order(PEER, WRITE.name(), Optional.of(State.OPEN));

    guard.isBack(PEER);
    guard.isBack(new NodeId("node-4"));

    guard.enter(PEER, PING).success(1);
    assertThat(guard.admits(PEER, PING)).isTrue();
    assertThat(guard.admits(PEER, WRITE)).isFalse();
    assertThat(guard.admits(OTHER, PING)).isFalse();
    fail(guard, PEER, PING, 3);
    assertThat(guard.admits(PEER, PING)).isFalse();
  }

  @Test
  void errorsOfTheCallersOwnMakingAndSuccessesKeepItClosed() {
    for (int i = 0; i < 10; i++) {
      guard
          .enter(PEER, PING)
          .failure(new WarehouseException(StandardErrorCode.NO_SUCH_BLOB, "none"), 1);
      guard.enter(PEER, PING).cancelled();
      guard.enter(PEER, PING).success(1);
    }

    assertThat(guard.admits(PEER, PING)).isTrue();
    assertThat(guard.circuits())
        .singleElement()
        .satisfies(circuit -> assertThat(circuit.inFlight()).isZero());
  }

  @Test
  void successBetweenFailuresBeginsTheCountAnew() {
    guard.enter(PEER, PING).success(1);
    for (int i = 0; i < 10; i++) {
      fail(guard, PEER, PING, 2);
      guard.enter(PEER, PING).success(1);
      guard.enter(PEER, PING).success(1);
    }
    assertThat(guard.admits(PEER, PING)).isTrue();

    fail(guard, PEER, PING, 3);

    assertThat(guard.admits(PEER, PING)).isFalse();
  }

  @Test
  void cancelledRequestIsNoSuccessBetweenFailures() {
    fail(guard, PEER, PING, 2);
    guard.enter(PEER, PING).cancelled();

    fail(guard, PEER, PING, 1);

    assertThat(guard.admits(PEER, PING)).isFalse();
  }

  @Test
  void successOfARequestFromBeforeItOpenedDoesNotCloseIt() {
    PeerGuard.Permit early = guard.enter(PEER, PING);
    fail(guard, PEER, PING, 3);

    early.success(1);

    assertThat(guard.admits(PEER, PING)).isFalse();
    assertThat(guard.circuits().get(0).state()).isEqualTo(State.OPEN);
  }

  @Test
  void failureOfARequestFromBeforeAPeerWasBackDoesNotCount() {
    PeerGuard.Permit early = guard.enter(PEER, PING);
    fail(guard, PEER, PING, 3);
    guard.isBack(PEER);
    fail(guard, PEER, PING, 2);

    early.failure(AWAY, 1);

    assertThat(guard.admits(PEER, PING)).isTrue();
  }

  @Test
  void circuitIsTriedAgainAndClosesWithSuccess() {
    SmallRyePeerGuard quick = guard(Duration.ofMillis(20));
    fail(quick, PEER, PING, 3);

    Awaitility.await().until(() -> quick.admits(PEER, PING));
    Awaitility.await()
        .ignoreException(WarehouseException.class)
        .until(
            () -> {
              quick.enter(PEER, PING).success(1);
              return quick.circuits().get(0).state() == State.CLOSED;
            });

    assertThat(quick.admits(PEER, PING)).isTrue();
  }

  @Test
  void compartmentHoldsSoManyAndNoMore() {
    List<PeerGuard.Permit> permits = List.of(guard.enter(PEER, PING), guard.enter(PEER, PING));

    assertThat(guard.admits(PEER, PING)).isFalse();
    assertThatThrownBy(() -> guard.enter(PEER, PING))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
    permits.forEach(permit -> permit.success(1));
    guard.enter(PEER, PING).success(1);
  }

  @Test
  void operatorsOrderGoesBeforeWhatHappens() {
    guard.order(PEER, "echo.ping", Optional.of(State.OPEN));
    assertThat(guard.admits(PEER, PING)).isFalse();
    assertThatThrownBy(() -> guard.enter(PEER, PING)).hasMessageContaining("operator");

    guard.order(PEER, "echo.ping", Optional.of(State.CLOSED));
    fail(guard, PEER, PING, 10);
    assertThat(guard.admits(PEER, PING)).isTrue();

    PeerCircuit released = guard.order(PEER, "echo.ping", Optional.empty());
    assertThat(released.ordered()).isEmpty();
    assertThat(released.state()).isEqualTo(State.CLOSED);
    fail(guard, PEER, PING, 3);
    assertThat(guard.admits(PEER, PING)).isFalse();
  }

  @Test
  void halfOpenCannotBeOrdered() {
    assertThatThrownBy(() -> guard.order(PEER, "echo.ping", Optional.of(State.HALF_OPEN)))
        .hasMessageContaining("state");
  }

  @Test
  void switchedOffFailuresAreCountedAndOpenNothing() {
    guard.breaking(false);

    fail(guard, PEER, PING, 10);

    assertThat(guard.admits(PEER, PING)).isTrue();
    assertThat(guard.refusal(PEER, PING)).isNull();
    guard.enter(PEER, PING).success(1);
    assertThat(guard.circuits())
        .singleElement()
        .satisfies(
            circuit -> {
              assertThat(circuit.state()).isEqualTo(State.CLOSED);
              assertThat(circuit.failures()).isEqualTo(10);
              assertThat(circuit.successes()).isEqualTo(1);
              assertThat(circuit.inFlight()).isZero();
            });
  }

  @Test
  void switchedOffOpenCircuitsCloseAndSwitchedOnTheyCountFromNothing() {
    fail(guard, PEER, PING, 3);
    fail(guard, OTHER, PING, 2);

    guard.breaking(false);
    assertThat(guard.circuits()).extracting(PeerCircuit::state).containsOnly(State.CLOSED);
    assertThat(guard.admits(PEER, PING)).isTrue();
    fail(guard, PEER, PING, 2);
    guard.breaking(true);

    fail(guard, PEER, PING, 2);
    fail(guard, OTHER, PING, 2);
    assertThat(guard.admits(PEER, PING)).isTrue();
    assertThat(guard.admits(OTHER, PING)).isTrue();
    fail(guard, PEER, PING, 1);
    assertThat(guard.admits(PEER, PING)).isFalse();
  }

  @Test
  void switchedOffOrdersAndCompartmentsStillHold() {
    guard.breaking(false);
    var unused = guard.order(PEER, PING.name(), Optional.of(State.OPEN));
    List<PeerGuard.Permit> permits = List.of(guard.enter(OTHER, PING), guard.enter(OTHER, PING));

    assertThat(guard.admits(PEER, PING)).isFalse();
    assertThat(guard.admits(OTHER, PING)).isFalse();
    permits.forEach(PeerGuard.Permit::cancelled);
    assertThat(guard.admits(OTHER, PING)).isTrue();
  }

  @Test
  void probeFromBeforeCircuitsWereSwitchedOffOpensNothingAfterwards() {
    SmallRyePeerGuard quick = guard(Duration.ofMillis(20));
    fail(quick, PEER, PING, 3);
    PeerGuard.Permit probe =
        Awaitility.await()
            .ignoreException(WarehouseException.class)
            .until(() -> quick.enter(PEER, PING), permit -> true);

    quick.breaking(false);
    quick.breaking(true);
    probe.failure(AWAY, 1);

    assertThat(quick.circuits().get(0).state()).isEqualTo(State.CLOSED);
  }

  @Test
  void refusalTellsTheReasonAndCountsWhatWasRefused() {
    assertThat(guard.refusal(PEER, PING)).isNull();
    fail(guard, PEER, PING, 3);
    var full = List.of(guard.enter(OTHER, PING), guard.enter(OTHER, PING));
    var unused = guard.order(PEER, WRITE.name(), Optional.of(State.OPEN));

    assertThat(guard.refusal(PEER, PING).code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
    assertThat(guard.refusal(PEER, WRITE).code()).isEqualTo(StandardErrorCode.CIRCUIT_OPEN);
    assertThat(guard.refusal(OTHER, PING).code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
    assertThat(guard.circuits()).extracting(PeerCircuit::prevented).containsOnly(1L);
    full.forEach(PeerGuard.Permit::cancelled);
  }
}
