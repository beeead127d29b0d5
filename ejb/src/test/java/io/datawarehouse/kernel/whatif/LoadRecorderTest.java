package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadRecorderTest {

  private static final NodeId NODE = new NodeId("node-1");
  private static final Duration WINDOW = Duration.ofMinutes(5);

  private final AtomicLong now = new AtomicLong();
  private final LoadRecorder recorder = new LoadRecorder(true, now::get, () -> WINDOW);

  /** Sends for some seconds, evenly, with a tick each second. */
  private void send(int seconds, int perSecond) {
    for (int second = 0; second < seconds; second++) {
      for (int i = 0; i < perSecond; i++) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(1) / perSecond);
        record();
      }
      recorder.tick();
    }
  }

  private void record() {
    int standsFor = recorder.draw();
    if (standsFor > 0) {
      recorder.take(new Recorded(now.get(), true, 7, NODE, 1_000, 10, standsFor));
    }
  }

  private static long all(List<Recorded> recorded) {
    return recorded.stream().mapToLong(Recorded::standsFor).sum();
  }

  @Test
  void fewRequestsAreAllKeptForAWindow() {
    send(100, 20);
    assertThat(recorder.recorded()).hasSize(2_000).allMatch(one -> one.standsFor() == 1);

    now.addAndGet(WINDOW.toNanos() - TimeUnit.SECONDS.toNanos(50));
    assertThat(recorder.recorded()).hasSizeBetween(990, 1_010);
    now.addAndGet(WINDOW.toNanos());
    assertThat(recorder.recorded()).isEmpty();
  }

  @Test
  void manyRequestsAreASampleThatKeepsTheirRate() {
    send(400, 2_000);

    List<Recorded> recorded = recorder.recorded();
    double wanted = 2_000.0 * WINDOW.toSeconds();
    assertThat(recorded).hasSizeBetween(2_000, LoadRecorder.CAPACITY);
    assertThat((double) all(recorded)).isCloseTo(wanted, within(wanted * 0.1));
    assertThat(recorded).isSortedAccordingTo((a, b) -> Long.compare(a.atNanos(), b.atNanos()));
    long first = recorded.get(0).atNanos();
    assertThat(now.get() - first).isGreaterThan(WINDOW.toNanos() * 9 / 10);
  }

  @Test
  void rateIsKeptWhereItChanges() {
    send(330, 3_000);
    send(60, 10);
    send(240, 200);

    List<Recorded> recorded = recorder.recorded();
    double wanted = 60 * 10 + 240 * 200;
    assertThat((double) all(recorded)).isCloseTo(wanted, within(wanted * 0.15));
  }

  @Test
  void whatIsNotRecordedIsNotEvenDrawn() {
    LoadRecorder off = new LoadRecorder(false, now::get, () -> WINDOW);

    assertThat(off.enabled()).isFalse();
    assertThat(off.draw()).isZero();
    assertThat(off.recorded()).isEmpty();
  }

  @Test
  void manyThreadsMayRecordAtOnce() {
    List<Integer> done =
        Crowd.all(
            4,
            Duration.ofSeconds(30),
            thread -> {
              for (int i = 0; i < 1_000; i++) {
                record();
              }
              return 1_000;
            });

    assertThat(done).hasSize(4);
    assertThat(all(recorder.recorded())).isEqualTo(4_000);
  }
}
