package io.datawarehouse.kernel.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.health.NodeConditions.Phase;
import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.plugin.PluginState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeHealthTest {

  private final Scene scene = new Scene();
  private final NodeHealth health = new NodeHealth(scene, () -> scene.deadlock);

  @Test
  void runningNodeIsWell() {
    scene.plugins.add(plugin("a", PluginState.RUNNING, true, ""));

    assertThat(health.live()).isEqualTo(new HealthAnswer(true, List.of()));
    assertThat(health.started().up()).isTrue();
    assertThat(health.ready(Optional::empty).up()).isTrue();
  }

  @Test
  void allCausesAreToldInWords() {
    scene.plugins.add(plugin("a", PluginState.FAILED, true, "its start failed: no disk"));
    scene.plugins.add(plugin("b", PluginState.FAILED, false, "who cares"));
    scene.shortOfSpace = Optional.of("the data directory has room for 3 more bytes");

    HealthAnswer answer = health.ready(() -> Optional.of("storage probe failed: TIMEOUT: slow"));

    assertThat(answer.up()).isFalse();
    assertThat(answer.cause())
        .isEqualTo(
            "required plugin 'a' is FAILED: its start failed: no disk; the data directory has room"
                + " for 3 more bytes; storage probe failed: TIMEOUT: slow");
  }

  @Test
  void nodeThatIsAboutToLearnWhoOwnsWhatGetsNoRequestsYet() {
    scene.withoutOwners = Optional.of("it asks who owns what");

    assertThat(health.ready(Optional::empty))
        .isEqualTo(new HealthAnswer(false, List.of("it asks who owns what")));
    assertThat(health.live().up()).isTrue();
  }

  @Test
  void requiredPluginThatStandsByIsNotMissed() {
    scene.plugins.add(plugin("a", PluginState.STANDBY, true, "another is selected"));

    assertThat(health.ready(Optional::empty).up()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(value = Phase.class, mode = EnumSource.Mode.EXCLUDE, names = "RUNNING")
  void nodeServesOnlyWhileItRunsAndDoesNotAskTheStorageElse(Phase phase) {
    scene.phase = phase;
    scene.failure = Optional.of("no storage");

    HealthAnswer answer =
        health.ready(
            () -> {
              throw new AssertionError("the storage was asked");
            });

    assertThat(answer.up()).isFalse();
    assertThat(answer.cause()).startsWith("the kernel ");
  }

  @Test
  void failedBootIsNeitherLiveNorStartedAndSaysWhy() {
    scene.phase = Phase.FAILED;
    scene.failure = Optional.of("data directory 'x' is in use by another node");

    assertThat(health.live().cause()).contains("in use by another node");
    assertThat(health.started().cause()).contains("in use by another node");
  }

  @Test
  void startingNodeLives() {
    scene.phase = Phase.STARTING;

    assertThat(health.live().up()).isTrue();
    assertThat(health.started().cause()).isEqualTo("the kernel is starting");
  }

  @Test
  void whatHangsIsAReasonToBeReplaced() {
    scene.stalls.add("the threads of the bus have not taken a task for 61 s");
    scene.deadlock = Optional.of("threads wait for each other for ever: x, y");

    assertThat(health.live().cause()).contains("61 s", "x, y");
  }

  @Test
  void threadsThatWaitForEachOtherAreFound() throws Exception {
    assertThat(Deadlocks.find()).isEmpty();
    ReentrantLock one = new ReentrantLock();
    ReentrantLock two = new ReentrantLock();
    CountDownLatch bothHold = new CountDownLatch(2);
    Thread first = crossing("first-thread", one, two, bothHold);
    Thread second = crossing("second-thread", two, one, bothHold);
    try {
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(Deadlocks.find())
                      .hasValueSatisfying(
                          text -> assertThat(text).contains("first-thread, second-thread")));
    } finally {
      first.interrupt();
      first.join();
      second.join();
    }
  }

  private static Thread crossing(
      String name, ReentrantLock held, ReentrantLock wanted, CountDownLatch bothHold) {
    Thread thread =
        new Thread(
            () -> {
              held.lock();
              try {
                bothHold.countDown();
                bothHold.await();
                wanted.lockInterruptibly();
                wanted.unlock();
              } catch (InterruptedException e) {
                // The end of the test.
              } finally {
                held.unlock();
              }
            },
            name);
    thread.start();
    return thread;
  }

  private static PluginStatus plugin(
      String id, PluginState state, boolean required, String reason) {
    return new PluginStatus(
        new PluginId(id),
        id,
        "1",
        "test",
        state,
        Optional.of(reason).filter(text -> !text.isEmpty()),
        required,
        List.of(),
        List.of());
  }

  /** A node in a condition that the test sets. */
  private static final class Scene implements NodeConditions {
    Optional<String> withoutOwners = Optional.empty();
    Phase phase = Phase.RUNNING;
    int damagedBlobs;
    Optional<String> failure = Optional.empty();
    final List<PluginStatus> plugins = new ArrayList<>();
    final List<String> stalls = new ArrayList<>();
    Optional<String> shortOfSpace = Optional.empty();
    Optional<String> deadlock = Optional.empty();

    @Override
    public Phase phase() {
      return phase;
    }

    @Override
    public Optional<String> failure() {
      return failure;
    }

    @Override
    public List<PluginStatus> plugins() {
      return plugins;
    }

    @Override
    public Optional<MessageBus> bus() {
      return Optional.empty();
    }

    @Override
    public List<String> stalls() {
      return stalls;
    }

    @Override
    public Optional<String> withoutCoordinator() {
      return Optional.empty();
    }

    @Override
    public Optional<String> brake() {
      return Optional.empty();
    }

    @Override
    public Optional<String> withoutOwners() {
      return withoutOwners;
    }

    @Override
    public Optional<String> withoutKeys() {
      return Optional.empty();
    }

    @Override
    public int damagedBlobs() {
      return damagedBlobs;
    }

    @Override
    public Optional<String> shortOfSpace() {
      return shortOfSpace;
    }
  }
}
