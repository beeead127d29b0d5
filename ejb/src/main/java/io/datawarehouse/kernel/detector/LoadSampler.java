package io.datawarehouse.kernel.detector;

import io.datawarehouse.sdk.cluster.NodeLoad;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Looks each second how busy this node is. {@link #get()} is thread-safe and never waits; {@link
 * #sample()} is for one thread at a time, and may wait for a disk.
 */
public final class LoadSampler implements Supplier<NodeLoad> {

  /** How often {@link #sample()} should be called. */
  public static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Over how many samples requests are counted: a minute of them. */
  private static final int REMEMBERED = 61;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double ALL = 100;

  private final LoadSources sources;
  private final RequestFigures requests;
  private final LongSupplier nanos;
  private final long[] at = new long[REMEMBERED];
  private final long[] served = new long[REMEMBERED];
  private final long[] took = new long[REMEMBERED];
  private int samples;
  private volatile NodeLoad load = NodeLoad.idle();

  /**
   * Makes a sampler.
   *
   * @param nanos measures time, as {@link System#nanoTime()} does
   */
  public LoadSampler(LoadSources sources, RequestFigures requests, LongSupplier nanos) {
    this.sources = sources;
    this.requests = requests;
    this.nanos = nanos;
  }

  /** Returns the load as it was at the last look; idle before the first. */
  @Override
  public NodeLoad get() {
    return load;
  }

  /** Looks. What cannot be had stays as it was. */
  public void sample() {
    int newest = samples % REMEMBERED;
    at[newest] = nanos.getAsLong();
    served[newest] = requests.served().getAsLong();
    took[newest] = requests.nanos().getAsLong();
    samples++;
    int oldest = samples <= REMEMBERED ? 0 : samples % REMEMBERED;
    double seconds = (at[newest] - at[oldest]) / NANOS_PER_SECOND;
    long count = Math.max(0, served[newest] - served[oldest]);
    double nanosOfAll = Math.max(0, took[newest] - took[oldest]);
    NodeLoad before = load;
    load =
        new NodeLoad(
            percent(sources.cpuPercent().getAsDouble(), before.cpuPercent()),
            percent(sources.memoryPercent().getAsDouble(), before.memoryPercent()),
            percent(sources.diskPercent().getAsDouble(), before.diskPercent()),
            Math.max(0, requests.active().getAsLong()),
            count == 0 ? 0 : nanosOfAll / count / NANOS_PER_MILLI,
            seconds <= 0 ? 0 : count / seconds);
  }

  private static double percent(double value, double otherwise) {
    return Double.isNaN(value) || value < 0 ? otherwise : Math.min(ALL, value);
  }
}
