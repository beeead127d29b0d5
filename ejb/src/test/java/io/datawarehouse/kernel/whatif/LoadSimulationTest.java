package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.kernel.whatif.LoadSimulation.Plan;
import io.datawarehouse.kernel.whatif.LoadSimulation.Server;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The simulation against what queueing theory says, and its limits. */
class LoadSimulationTest {

  private static TracedRequest request(double at, double work) {
    return new TracedRequest(at, 0, false, 0, work, 0);
  }

  private static LoadSimulation.Outcome run(List<Server> servers, List<TracedRequest> requests) {
    return LoadSimulation.run(
        new Plan(servers, requests, List.of((one, signals) -> 0), 1_000_000, () -> false));
  }

  @Test
  void requestsWaitForThoseBeforeThem() {
    LoadSimulation.Outcome outcome =
        run(List.of(new Server(2, 1)), List.of(request(0, 20), request(1, 20), request(50, 20)));

    assertThat(outcome.millis()).containsExactly(10, 19, 10);
    assertThat(outcome.busyMillis()).containsExactly(30);
    assertThat(outcome.lengthMillis()).isEqualTo(60);
  }

  @Test
  void nodeWorksOnAsManyAtATimeAsItIsSaidTo() {
    LoadSimulation.Outcome outcome =
        run(List.of(new Server(1, 2)), List.of(request(0, 10), request(0, 10), request(0, 10)));

    assertThat(outcome.millis()).containsExactly(10, 10, 20);
    assertThat(outcome.busyMillis()).containsExactly(15);
  }

  /** A queue M/M/1 at load 0.5: the mean time is that of the work, over 1 less the load. */
  @Test
  void oneNodeIsAsSlowAsTheoryHasIt() {
    for (double load : new double[] {0.3, 0.5, 0.7}) {
      List<TracedRequest> requests = Traffic.of(7, 200_000, Traffic.MEAN_MILLIS / load, 1, 10, 0);
      LoadSimulation.Outcome outcome = run(List.of(new Server(1, 1)), requests);
      double wanted = Traffic.MEAN_MILLIS / (1 - load);

      assertThat(Arrays.stream(outcome.millis()).average().orElseThrow())
          .as("load %s", load)
          .isCloseTo(wanted, within(wanted * 0.05));
      assertThat(outcome.busyMillis()[0] / outcome.lengthMillis()).isCloseTo(load, within(0.01));
    }
  }

  @Test
  void senderSeesItsRequestsAtOnceAndProcessorsWithTheNextHeartbeat() {
    AtomicInteger number = new AtomicInteger();
    LoadSimulation.run(
        new Plan(
            List.of(new Server(1, 1)),
            List.of(request(0, 250), request(100, 100), request(600, 1)),
            List.of(
                (one, signals) -> {
                  switch (number.getAndIncrement()) {
                    case 0 -> {
                      assertThat(signals.inFlight(0)).isZero();
                      assertThat(signals.latencyNanos(0)).isNegative();
                      assertThat(signals.cpuPercent(0)).isNaN();
                    }
                    case 1 -> {
                      assertThat(signals.inFlight(0)).isEqualTo(1);
                      assertThat(signals.cpuPercent(0)).isNaN();
                    }
                    default -> {
                      assertThat(signals.inFlight(0)).isZero();
                      assertThat(signals.latencyNanos(0)).isPositive();
                      assertThat(signals.cpuPercent(0)).isCloseTo(70, within(0.01));
                    }
                  }
                  return 0;
                }),
            1_000,
            () -> false));

    assertThat(number).hasValue(3);
  }

  @Test
  void tooMuchIsRefusedAndWhatTakesTooLongIsStopped() {
    List<TracedRequest> requests = Traffic.of(1, 20_000, 1, 1, 10, 0);
    List<LoadSimulation.Choice> first = List.of((one, signals) -> 0);

    assertThatThrownBy(
            () ->
                LoadSimulation.run(
                    new Plan(List.of(new Server(1, 1)), requests, first, 30_000, () -> false)))
        .hasMessageContaining("more than 30000 events");
    assertThatThrownBy(
            () ->
                LoadSimulation.run(
                    new Plan(List.of(new Server(1, 1)), requests, first, 1_000_000, () -> true)))
        .hasMessageContaining("too long");
  }
}
