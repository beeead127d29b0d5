package io.datawarehouse.kernel.plugin;

import static io.datawarehouse.kernel.plugin.LifecycleFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.plugin.PluginLifecycle.Limits;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.plugin.PluginState;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PluginStopTest {

  private final LifecycleFixture fixture = new LifecycleFixture();

  @Test
  void pluginsStopInReverseEachOffTheBusFirst() {
    PluginLifecycle lifecycle =
        fixture.started(fixture.plugin("a").requires("from-b"), fixture.provider("b", "from-b"));
    fixture.journal.clear();

    lifecycle.stop();

    assertThat(fixture.journal)
        .containsExactly("quiesce a", "stop a", "close a", "quiesce b", "stop b", "close b");
    assertThat(lifecycle.plugins())
        .extracting(PluginStatus::state)
        .containsOnly(PluginState.STOPPED);
    assertThat(fixture.capabilities.provides(new CapabilityName("from-b"))).isFalse();
  }

  @Test
  void stoppingTwiceStopsOnce() {
    PluginLifecycle lifecycle = fixture.started(fixture.plugin("a"));

    lifecycle.stop();
    lifecycle.stop();

    assertThat(fixture.journal).containsOnlyOnce("stop a");
  }

  @Test
  void pluginThatFailsToStopDoesNotKeepTheOthers() {
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.plugin("a"),
            fixture
                .plugin("b")
                .onStop(
                    () -> {
                      throw new AssertionError("cannot let go");
                    }));

    lifecycle.stop();

    assertThat(fixture.journal).contains("stop b", "close b", "stop a");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.STOPPED);
  }

  @Test
  void pluginThatHangsIsInterruptedAndLeftBehind() throws Exception {
    fixture.limits =
        new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(50));
    CountDownLatch interrupted = new CountDownLatch(1);
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.plugin("a"),
            fixture
                .plugin("b")
                .onStop(
                    () -> {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                      }
                    }));

    lifecycle.stop();

    interrupted.await();
    assertThat(fixture.journal).endsWith("stop b", "close b", "quiesce a", "stop a", "close a");
  }

  @Test
  void interruptedThreadStopsThemAllTheSame() {
    PluginLifecycle lifecycle = fixture.started(fixture.plugin("a"), fixture.plugin("b"));
    Thread.currentThread().interrupt();

    lifecycle.stop();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(fixture.journal).contains("stop a", "stop b");
  }

  @Test
  void pluginsThatStandByAreNotStopped() {
    fixture.settings.put("dw.colour.provider", "blue");
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.strategy("r", "colour", "red"), fixture.strategy("b", "colour", "blue"));

    lifecycle.stop();

    assertThat(status(lifecycle, "r").state()).isEqualTo(PluginState.STANDBY);
    assertThat(fixture.journal).doesNotContain("start r", "stop r");
  }

  @ParameterizedTest
  @EnumSource(PluginState.class)
  void stateIsReachedFromItsPredecessorsOnly(PluginState next) {
    PluginRecord discovered = new PluginRecord(fixture.plugin("a"), fixture.plugin("a").manifest());

    if (next.predecessors().contains(PluginState.DISCOVERED)) {
      discovered.advance(next);
      assertThat(discovered.state()).isEqualTo(next);
    } else {
      assertThatThrownBy(() -> discovered.advance(next))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("plugin a", "DISCOVERED", next.name());
    }
  }
}
