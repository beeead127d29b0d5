package io.datawarehouse.testkit.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeHealth;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.resilience.CircuitState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeResilienceTest {

  @TempDir private static Path directory;

  private final FakeKernelContext context = new FakeKernelContext("fake", directory, Map.of());

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void circuitOpensWhenTheTestSaysSo() throws Exception {
    HeldCircuits circuits = context.circuitBreaker();
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(
              () ->
                  circuits.call(
                      "site",
                      () -> {
                        throw new IllegalStateException("down");
                      }))
          .hasMessage("down");
    }
    assertThat(circuits.states()).containsEntry("site", new CircuitState.Closed(20));
    assertThat(circuits.call("site", () -> "up")).isEqualTo("up");

    circuits.circuit("site").holdOpen("test");
    assertThatThrownBy(() -> circuits.call("site", () -> "up")).hasMessageContaining("held open");
    assertThat(
            circuits
                .callAsync("site", () -> CompletableFuture.completedFuture(1))
                .toCompletableFuture())
        .isCompletedExceptionally();
    circuits.circuit("site").close();
    assertThat(
            circuits
                .callAsync("site", () -> CompletableFuture.completedFuture(1))
                .toCompletableFuture())
        .isCompletedWithValue(1);
  }

  @Test
  void compartmentIsFullWhenTheTestSaysSo() throws Exception {
    OpenCompartments compartments = context.bulkheads();
    assertThat(compartments.call("copies", () -> 1)).isEqualTo(1);

    compartments.full("copies", true);
    assertThatThrownBy(() -> compartments.call("copies", () -> 1)).hasMessageContaining("copies");
    assertThat(
            compartments
                .callAsync("copies", () -> CompletableFuture.completedFuture(1))
                .toCompletableFuture())
        .isCompletedExceptionally();
    compartments.full("copies", false);
    assertThat(
            compartments
                .callAsync("copies", () -> CompletableFuture.completedFuture(1))
                .toCompletableFuture())
        .isCompletedWithValue(1);
    assertThat(compartments.statuses())
        .extracting(status -> status.active() + " " + status.admitted() + " " + status.refused())
        .containsExactly("0 2 2");
  }

  @Test
  void clusterIsOneNodeUntilOthersAreAdded() {
    assertThat(context.cluster()).isEmpty();
    assertThat(context.mode()).isEqualTo(OperatingMode.STANDALONE);
    List<NodeState> heard = new ArrayList<>();
    List<NodeHealth> judged = new ArrayList<>();
    context.clusterOrLocal().membership().watch(change -> heard.add(change.node().state()));
    context.clusterOrLocal().health().watch(report -> judged.add(report.health()));

    context.clusterOrLocal().add("a", "b");
    context.clusterOrLocal().move("a", NodeState.SUSPECT, "silent");
    context.clusterOrLocal().judge("a", NodeHealth.OFFLINE);

    assertThat(context.cluster()).isPresent();
    assertThat(context.mode()).isEqualTo(OperatingMode.CLUSTERED);
    assertThat(heard).containsExactly(NodeState.ACTIVE, NodeState.ACTIVE, NodeState.SUSPECT);
    assertThat(judged).containsExactly(NodeHealth.OFFLINE);
    assertThat(context.clusterOrLocal().placement().owners(0)).hasSize(2);
    assertThat(context.clusterOrLocal().leadership().quorum()).isEqualTo(2);
    assertThat(context.clusterOrLocal().health().health(new NodeId("nobody")))
        .isEqualTo(NodeHealth.UNKNOWN);
    assertThat(context.clusterOrLocal().membership().history(new NodeId("a"))).hasSize(2);
  }
}
