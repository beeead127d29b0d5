package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.cluster.NodeLoad;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one node when a message's node is chosen: how long its answers take, how busy it
 * says it is, how warm it is. Thread-safe without locks; an update that is lost between two threads
 * is of no account.
 *
 * <p>Latency is the peak exponentially weighted moving average (Finagle; Visa, 2015): a longer time
 * counts at once, shorter ones bit by bit as time passes. What a node says of its load is smoothed
 * over a second or two, so that senders do not run to whoever happened to be idle for a moment.
 * What is older than its limit is forgotten: then it is not known.
 */
public final class PeerSignals {

  /** How soon a long answer is forgotten while shorter ones come. */
  private static final double LATENCY_NANOS = Duration.ofSeconds(10).toNanos();

  private static final double LOAD_NANOS = Duration.ofMillis(1400).toNanos();

  /** How long a latency counts after the last answer. */
  public static final Duration LATENCY_COUNTS = Duration.ofSeconds(30);

  /** How long a load counts after the last heartbeat. */
  public static final Duration LOAD_COUNTS = Duration.ofSeconds(5);

  /** How long a node takes to warm up. */
  public static final Duration WARMING_UP = Duration.ofSeconds(20);

  /** For how long there must have been other nodes for a new one to warm up. */
  public static final Duration ESTABLISHED = Duration.ofSeconds(60);

  private static final double COLDEST = 0.1;

  private volatile long latencyNanos = -1;
  private volatile long answeredAt;
  private volatile @Nullable NodeLoad load;
  private volatile long saidAt;
  private volatile double warmth = 1;
  private volatile @Nullable Instant activeSince;
  private volatile long warmFrom;

  /** Makes the signals of a node of which nothing is known, warm. */
  public PeerSignals() {}

  /** Takes the time of an answer. */
  public void answered(long nanos, long now) {
    long before = latencyNanos;
    if (before < 0 || nanos >= before) {
      latencyNanos = nanos;
    } else {
      double old = Math.exp(-Math.max(0, now - answeredAt) / LATENCY_NANOS);
      latencyNanos = Math.round(before * old + nanos * (1 - old));
    }
    answeredAt = now;
  }

  /** Takes what a node says of its load. */
  public void said(NodeLoad said, long now) {
    NodeLoad before = load;
    if (before == null) {
      load = said;
    } else {
      double old = Math.exp(-Math.max(0, now - saidAt) / LOAD_NANOS);
      load =
          new NodeLoad(
              between(before.cpuPercent(), said.cpuPercent(), old),
              between(before.memoryPercent(), said.memoryPercent(), old),
              said.diskPercent(),
              said.activeRequests(),
              said.latencyMillis(),
              said.requestsPerSecond());
    }
    saidAt = now;
  }

  /** Never outside of the two, which the sum of two rounded products can be. */
  private static double between(double before, double now, double old) {
    double mean = old * before + (1 - old) * now;
    return Math.min(Math.max(mean, Math.min(before, now)), Math.max(before, now));
  }

  /**
   * Takes since when a node takes requests; it warms up from then on where others have taken them
   * for {@link #ESTABLISHED} by then. In a cluster that has just been started nobody is colder than
   * the rest.
   *
   * @param since by the clock of the cluster
   * @param eldest since when the eldest of all nodes takes requests
   * @param wall the time by that clock, about
   * @param now the same moment by the ticker
   */
  public void active(Instant since, Instant eldest, Instant wall, long now) {
    if (!since.equals(activeSince)) {
      activeSince = since;
      boolean young = Duration.between(eldest, since).compareTo(ESTABLISHED) < 0;
      Duration already = Duration.between(since, wall);
      if (young || already.compareTo(WARMING_UP) >= 0) {
        already = WARMING_UP;
      } else if (already.isNegative()) {
        already = Duration.ZERO;
      }
      warmFrom = now - already.toNanos();
      warm(now);
    }
  }

  /** Forgets the load, as there is no connection any more. */
  public void disconnected() {
    load = null;
  }

  /** Lets time pass; to be called several times a second. */
  public void tick(long now) {
    if (latencyNanos >= 0 && now - answeredAt > LATENCY_COUNTS.toNanos()) {
      latencyNanos = -1;
    }
    if (load != null && now - saidAt > LOAD_COUNTS.toNanos()) {
      load = null;
    }
    if (warmth < 1) {
      warm(now);
    }
  }

  private void warm(long now) {
    double part = (double) (now - warmFrom) / WARMING_UP.toNanos();
    warmth = Math.min(1, Math.max(COLDEST, part));
  }

  /** Returns how long an answer takes; negative where that is not known. */
  public long latencyNanos() {
    return latencyNanos;
  }

  /** Returns how busy the node is; null where that is not known. */
  public @Nullable NodeLoad load() {
    return load;
  }

  /** Returns how warm the node is, more than 0, at most 1. */
  public double warmth() {
    return warmth;
  }
}
