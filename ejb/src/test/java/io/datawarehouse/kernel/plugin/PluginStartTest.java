package io.datawarehouse.kernel.plugin;

import static io.datawarehouse.kernel.plugin.LifecycleFixture.key;
import static io.datawarehouse.kernel.plugin.LifecycleFixture.reason;
import static io.datawarehouse.kernel.plugin.LifecycleFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.plugin.LifecycleFixture.Service;
import io.datawarehouse.kernel.plugin.PluginLifecycle.Limits;
import io.datawarehouse.sdk.capability.CapabilityName;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.PluginState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PluginStartTest {

  private static final Duration SHORT = Duration.ofMillis(50);

  private final LifecycleFixture fixture = new LifecycleFixture();

  @Test
  void pluginsStartAfterWhatTheyRequireAndElseById() {
    fixture.started(
        fixture.plugin("a").requires("from-z"),
        fixture.plugin("c"),
        fixture.plugin("b").after("from-y"),
        fixture.provider("y", "from-y"),
        fixture.provider("z", "from-z").requires("from-y"));

    assertThat(starts()).containsExactly("start c", "start y", "start b", "start z", "start a");
  }

  @Test
  void nextPluginStartsWhenTheOneBeforeRuns() {
    fixture.started(fixture.plugin("a"), fixture.plugin("b"));

    assertThat(fixture.journal).containsExactly("start a", "running a", "start b", "running b");
  }

  @Test
  void runningPluginsProvideWhatTheyOffered() {
    fixture.settings.put("dw.colour.provider", "blue");
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.provider("a", "many"),
            fixture.provider("b", "many"),
            fixture.strategy("red", "colour", "red"),
            fixture.strategy("blue", "colour", "blue"));

    assertThat(fixture.capabilities.all(key("many", Cardinality.MULTI)))
        .containsExactly(new LifecycleFixture.Named("a"), new LifecycleFixture.Named("b"));
    Service selected = fixture.capabilities.require(key("colour", Cardinality.SELECTED));
    assertThat(selected).isEqualTo(new LifecycleFixture.Named("blue"));
    assertThat(lifecycle.capabilities())
        .extracting(CapabilityStatus::toString)
        .containsExactly(
            "CapabilityStatus[name=colour, cardinality=SELECTED, providers=[blue]]",
            "CapabilityStatus[name=many, cardinality=MULTI, providers=[a, b]]");
  }

  @Test
  void pluginSeesWhatRanBeforeItAndNotItself() {
    AtomicBoolean first = new AtomicBoolean();
    AtomicBoolean itself = new AtomicBoolean(true);
    fixture.started(
        fixture.provider("a", "from-a"),
        fixture
            .provider("b", "from-b")
            .onStart(
                context -> {
                  first.set(fixture.capabilities.provides(new CapabilityName("from-a")));
                  itself.set(fixture.capabilities.provides(new CapabilityName("from-b")));
                }));

    assertThat(first).isTrue();
    assertThat(itself).isFalse();
  }

  @Test
  void failingOptionalPluginIsStoppedOnceAndTheOthersRun() {
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.plugin("a").onStart(context -> fail("broken")), fixture.plugin("b"));

    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.FAILED);
    assertThat(reason(lifecycle, "a")).contains("IllegalStateException: broken");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.RUNNING);
    assertThat(fixture.journal)
        .containsExactly("start a", "quiesce a", "stop a", "close a", "start b", "running b");

    lifecycle.stop();

    assertThat(fixture.journal).containsOnlyOnce("stop a");
    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.STOPPED);
    assertThat(reason(lifecycle, "a")).contains("broken");
  }

  @Test
  void failingOptionalPluginTakesAlongWhoRequiresIt() {
    PluginLifecycle lifecycle =
        fixture.started(
            fixture.provider("a", "from-a").onStart(context -> fail("broken")),
            fixture.provider("b", "from-b").requires("from-a"),
            fixture.plugin("c").requires("from-b"),
            fixture.plugin("d").after("from-a"));

    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.FAILED);
    assertThat(reason(lifecycle, "b")).contains("'from-a'", "plugin 'a' failed", "broken");
    assertThat(reason(lifecycle, "c")).contains("'from-b'", "plugin 'b' failed");
    assertThat(status(lifecycle, "d").state()).isEqualTo(PluginState.RUNNING);
    assertThat(fixture.journal).doesNotContain("start b", "stop b", "start c", "stop c");
  }

  @Test
  void failingRequiredPluginStopsTheBootAndAllThatRanInReverse() {
    assertThatThrownBy(
            () ->
                fixture.started(
                    fixture.plugin("a"),
                    fixture.plugin("b"),
                    fixture.plugin("c").required().onStart(context -> fail("broken")),
                    fixture.plugin("d")))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContainingAll("plugin 'c' (required)", "IllegalStateException: broken")
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(StandardErrorCode.BOOT_FAILED);

    assertThat(fixture.journal)
        .containsExactly(
            "start a",
            "running a",
            "start b",
            "running b",
            "start c",
            "quiesce c",
            "stop c",
            "close c",
            "quiesce b",
            "stop b",
            "close b",
            "quiesce a",
            "stop a",
            "close a");
  }

  @Test
  void requiredPluginIsNotStartedWithoutWhatItRequires() {
    assertThatThrownBy(
            () ->
                fixture.started(
                    fixture.provider("a", "from-a").onStart(context -> fail("broken")),
                    fixture.plugin("b").required().requires("from-a")))
        .hasMessageContainingAll("plugin 'b' (required)", "plugin 'a' failed", "broken");

    assertThat(fixture.journal).doesNotContain("start b");
  }

  @Test
  void optionalPluginThatTheKernelNeedsStopsTheBoot() {
    fixture.neededByKernel.add(new CapabilityName("storage"));

    assertThatThrownBy(
            () ->
                fixture.started(
                    fixture
                        .strategy("r", "storage", "rocksdb")
                        .onStart(context -> fail("no disk"))))
        .hasMessageContainingAll("plugin 'r'", "no disk");
  }

  @Test
  void startThatHangsIsInterruptedThenStopped() throws Exception {
    fixture.limits = new Limits(Duration.ofSeconds(30), SHORT, Duration.ofSeconds(30));
    CountDownLatch interrupted = new CountDownLatch(1);

    PluginLifecycle lifecycle =
        fixture.started(
            fixture
                .plugin("a")
                .onStart(
                    context -> {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                      }
                    }));

    interrupted.await();
    assertThat(reason(lifecycle, "a")).isEqualTo("its start failed: took longer than 50 ms");
    assertThat(fixture.journal).containsExactly("start a", "quiesce a", "stop a", "close a");
  }

  @Test
  void startThatIgnoresInterruptionDoesNotHoldTheBoot() {
    fixture.limits = new Limits(Duration.ofSeconds(30), SHORT, SHORT);
    CountDownLatch release = new CountDownLatch(1);

    PluginLifecycle lifecycle =
        fixture.started(
            fixture.plugin("a").onStart(context -> awaitIgnoringInterrupts(release)),
            fixture.plugin("b"));

    assertThat(reason(lifecycle, "a")).contains("does not react to being interrupted");
    assertThat(status(lifecycle, "b").state()).isEqualTo(PluginState.RUNNING);
    release.countDown();
  }

  @Test
  void pluginWithoutAContextIsNeitherStartedNorStopped() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.plugin("a"), fixture.plugin("b"));
    assertThat(lifecycle.negotiate()).isEmpty();
    PluginEnvironment broken =
        new PluginEnvironment() {
          @Override
          public KernelContext open(PluginManifest manifest) {
            if (manifest.id().value().equals("a")) {
              throw new WarehouseException(StandardErrorCode.DISK_FULL, "no room");
            }
            return fixture.open(manifest);
          }

          @Override
          public void quiesce(PluginId plugin) {}

          @Override
          public void close(PluginId plugin) {}
        };

    lifecycle.start(broken, id -> {});

    assertThat(reason(lifecycle, "a")).contains("DISK_FULL: no room");
    assertThat(fixture.journal).containsExactly("start b");
  }

  @Test
  void errorsOfAPluginBuiltAgainstOtherClassesAreItsOwn() {
    PluginLifecycle lifecycle =
        fixture.started(
            fixture
                .plugin("a")
                .onStart(
                    context -> {
                      throw new NoSuchMethodError("gone");
                    }));

    assertThat(reason(lifecycle, "a")).contains("NoSuchMethodError: gone");
  }

  @Test
  void whatFailsOnceAPluginRunsStopsTheBoot() {
    PluginLifecycle lifecycle = fixture.lifecycle(fixture.plugin("a"));
    assertThat(lifecycle.negotiate()).isEmpty();

    assertThatThrownBy(
            () ->
                lifecycle.start(
                    fixture,
                    id -> {
                      throw new WarehouseException(
                          StandardErrorCode.DUPLICATE_HANDLER, "taken by " + id);
                    }))
        .hasMessage("taken by a");

    assertThat(status(lifecycle, "a").state()).isEqualTo(PluginState.STOPPED);
  }

  @Test
  void interruptedBootStopsWhatRuns() {
    Thread boot = Thread.currentThread();

    assertThatThrownBy(
            () ->
                fixture.started(
                    fixture.plugin("a"),
                    fixture
                        .plugin("b")
                        .onStart(
                            context -> {
                              boot.interrupt();
                              new CountDownLatch(1).await();
                            })))
        .hasMessageContaining("interrupted");

    assertThat(Thread.interrupted()).isTrue();
    assertThat(fixture.journal).contains("stop a", "stop b");
  }

  private List<String> starts() {
    return fixture.journal.stream().filter(line -> line.startsWith("start")).toList();
  }

  private static void fail(String message) {
    throw new IllegalStateException(message);
  }

  private static void awaitIgnoringInterrupts(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // That is the point of the test.
      }
    }
  }
}
