package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The setting of balancing reaches the circuits to other nodes, at the start and while it runs. */
class CircuitSwitchTest {

  @TempDir private static Path parent;
  private KernelFixture fixture;

  @BeforeEach
  void prepare() {
    fixture = new KernelFixture(parent);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Kernel clustered() {
    fixture.settings.put("dw.cluster.enabled", "true");
    fixture.settings.put("dw.cluster.founding-nodes", "1");
    fixture.settings.put("dw.cluster.discovery.directory", parent.resolve("cluster").toString());
    fixture.settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    return fixture.serve();
  }

  private static void order(Kernel kernel, Optional<Object> value) {
    kernel.balancing().order(Map.of("circuitBreaker", value));
  }

  private static void await(Kernel kernel, boolean breaking) {
    Awaitility.await().until(() -> kernel.clusterOffice().circuits().breaking() == breaking);
  }

  @Test
  void operatorsSwitchTheCircuitsOfAClusterWhileItRuns() {
    Kernel kernel = clustered();
    assertThat(kernel.clusterOffice().circuits().breaking()).isTrue();

    order(kernel, Optional.of(false));
    await(kernel, false);
    order(kernel, Optional.empty());
    await(kernel, true);
  }

  @Test
  void tierWithoutCircuitsHasNone() {
    fixture.settings.put("dw.load-balancing.tier", "individual");
    Kernel kernel = clustered();

    assertThat(kernel.clusterOffice().circuits().breaking()).isFalse();
  }

  @Test
  void nodeThatIsAloneTellsTheSetting() {
    Kernel kernel = fixture.serve();
    assertThat(kernel.clusterOffice().circuits().breaking()).isFalse();

    order(kernel, Optional.of(true));

    await(kernel, true);
  }
}
