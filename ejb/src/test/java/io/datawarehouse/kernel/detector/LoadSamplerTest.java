package io.datawarehouse.kernel.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.cluster.NodeLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadSamplerTest {

  private double cpu = 10;
  private double memory = 20;
  private double disk = 30;
  private long active;
  private long served;
  private long took;
  private long nanos;
  private final LoadSampler sampler =
      new LoadSampler(
          new LoadSources(() -> cpu, () -> memory, () -> disk),
          new RequestFigures(() -> active, () -> served, () -> took),
          () -> nanos);

  @Test
  void isIdleBeforeTheFirstLook() {
    assertThat(sampler.get()).isEqualTo(NodeLoad.idle());
  }

  @Test
  void showsWhatTheSourcesSay() {
    active = 7;
    sampler.sample();

    assertThat(sampler.get()).isEqualTo(new NodeLoad(10, 20, 30, 7, 0, 0));
  }

  @Test
  void requestsAreCountedOverTheLastMinute() {
    sampler.sample();
    for (int second = 0; second < 30; second++) {
      secondOf(100, 5_000_000);
    }
    assertThat(sampler.get().requestsPerSecond()).isCloseTo(100, within(0.001));
    assertThat(sampler.get().latencyMillis()).isCloseTo(5, within(0.001));

    for (int second = 0; second < 30; second++) {
      secondOf(300, 1_000_000);
    }
    assertThat(sampler.get().requestsPerSecond()).isCloseTo(200, within(0.001));
    assertThat(sampler.get().latencyMillis()).isCloseTo(2, within(0.001));

    for (int second = 0; second < 60; second++) {
      secondOf(0, 0);
    }
    assertThat(sampler.get().requestsPerSecond()).isZero();
    assertThat(sampler.get().latencyMillis()).isZero();
  }

  @Test
  void whatCannotBeHadStaysAsItWas() {
    sampler.sample();
    cpu = Double.NaN;
    memory = -1;
    disk = 100.0000001;
    active = -3;
    sampler.sample();

    assertThat(sampler.get()).isEqualTo(new NodeLoad(10, 20, 100, 0, 0, 0));
  }

  @Test
  void countersThatStartAgainDoNoHarm() {
    served = 1_000;
    took = 5_000_000;
    sampler.sample();
    nanos += 1_000_000_000;
    served = 0;
    took = 0;
    sampler.sample();

    assertThat(sampler.get().requestsPerSecond()).isZero();
  }

  @Test
  void memoryThatLinuxWouldGiveUpIsNotInUse(@TempDir Path directory) throws IOException {
    Path table =
        Files.writeString(
            directory.resolve("meminfo"),
            "MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     600 kB\n");

    assertThat(LoadSources.memory(1000 * 1024, 100 * 1024, table)).isEqualTo(40);
    assertThat(LoadSources.memory(500 * 1024, 100 * 1024, table))
        .as("a container has less than the machine")
        .isEqualTo(80);
    assertThat(LoadSources.memory(1000, 100, directory.resolve("none"))).isEqualTo(90);
    assertThat(LoadSources.memory(0, 0, table)).isNaN();
  }

  @Test
  void thisMachineHasFigures(@TempDir Path data) {
    LoadSampler real =
        new LoadSampler(
            LoadSources.ofThisMachine(data),
            new RequestFigures(() -> 0, () -> 0, () -> 0),
            System::nanoTime);
    real.sample();

    assertThat(real.get().memoryPercent()).isBetween(0.1, 100.0);
    assertThat(real.get().diskPercent()).isBetween(0.0, 100.0);
    assertThat(real.get().cpuPercent()).isBetween(0.0, 100.0);
  }

  private void secondOf(long requests, long nanosEach) {
    nanos += 1_000_000_000;
    served += requests;
    took += requests * nanosEach;
    sampler.sample();
  }
}
