package io.datawarehouse.benchmarks.heat;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.sdk.blob.BlobKey;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Counts reads of one hot key, and of more keys than are remembered, as the blob service does with
 * every request. One thread; what counts is its processor time.
 */
public final class HeatBenchmark {

  private static final double GOAL = 100;
  private static final int MANY = 10_000;
  private static final int BATCH = 1_000;
  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofSeconds(2), Duration.ofMillis(500), 7);

  private HeatBenchmark() {}

  /** Runs it; takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    Map<String, Double> medians =
        new Rounds(System.out, "a read is counted", "reads/s", 1)
            .compare(PLAN, List.of(new Counts("one key", 1), new Counts("10,000 keys", MANY)));
    medians.forEach(
        (name, perSecond) ->
            System.out.printf(
                Locale.ROOT,
                "  %-60s %6.1f ns (goal: at most %.0f)%n",
                name,
                1e9 / perSecond,
                GOAL));
  }

  /** Counting as fast as one read after the other can come. */
  private static final class Counts implements Subject {

    private final String name;
    private final List<BlobKey> keys = new ArrayList<>();
    private final SegmentHeat heat = new SegmentHeat(System::nanoTime);

    Counts(String name, int count) {
      this.name = name;
      for (int i = 0; i < count; i++) {
        keys.add(BlobKey.of("bucket", "key-" + i));
      }
    }

    private static long cpuNanos() {
      return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Measured run(Duration time) {
      long end = System.nanoTime() + time.toNanos();
      long begin = cpuNanos();
      long count = 0;
      while (System.nanoTime() < end) {
        for (int i = 0; i < BATCH; i++) {
          int number = (int) (count + i) % keys.size();
          heat.read(keys.get(number), number & 255);
        }
        count += BATCH;
      }
      return new Measured(count / ((cpuNanos() - begin) / 1e9), 0, 0);
    }
  }
}
