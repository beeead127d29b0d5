package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A sample of the requests that this node sent in the last load window: as many as fit, one in so
 * many when there are more, each with how many it stands for. Keys are kept as hashes, payloads not
 * at all. Thread-safe without locks; its memory is constant.
 *
 * <p>Whether a request is in the sample is drawn before it is sent, by a number of the thread's
 * own: one that is not costs a few nanoseconds and shares nothing. {@link #tick()} fits the share
 * to the rate, so that what is written is a hundred a second or so however many are sent.
 */
public final class LoadRecorder {

  /** How many requests are kept. */
  public static final int CAPACITY = 1 << 13;

  /** How often the share is fitted to the rate. */
  public static final Duration TICK = Duration.ofSeconds(1);

  private static final int MOST_EACH = 1 << 20;
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * A request of the sample. Immutable.
   *
   * @param atNanos when it was sent, by the ticker
   * @param keyed whether it had a key
   * @param keyHash the key's hash; 0 without one
   * @param node who handled it
   * @param tookNanos how long the answer took
   * @param bytes the length of its content, 0 where it had none
   * @param standsFor how many requests it stands for
   */
  public record Recorded(
      long atNanos,
      boolean keyed,
      long keyHash,
      NodeId node,
      long tookNanos,
      long bytes,
      int standsFor) {

    /** Returns the same request, standing for so many. */
    Recorded standingFor(int requests) {
      return new Recorded(atNanos, keyed, keyHash, node, tookNanos, bytes, requests);
    }
  }

  private final boolean enabled;
  private final LongSupplier ticker;
  private final Supplier<Duration> window;
  private final AtomicReferenceArray<@Nullable Recorded> ring =
      new AtomicReferenceArray<>(CAPACITY);
  private final AtomicLong next = new AtomicLong();
  private final LongAdder counted = new LongAdder();

  /** One in how many is recorded; a power of two. */
  private volatile int each = 1;

  private long tickedAt;

  /**
   * Makes a recorder.
   *
   * @param enabled whether it records anything
   * @param ticker nanoseconds that only grow
   * @param window how far back it looks
   */
  public LoadRecorder(boolean enabled, LongSupplier ticker, Supplier<Duration> window) {
    this.enabled = enabled;
    this.ticker = ticker;
    this.window = window;
    this.tickedAt = ticker.getAsLong();
  }

  /** Returns whether it records at all. */
  public boolean enabled() {
    return enabled;
  }

  /** Returns for how many requests the next one would stand; 0 where it is not to be recorded. */
  int draw() {
    int now = each;
    return enabled && (now == 1 || (ThreadLocalRandom.current().nextInt() & now - 1) == 0)
        ? now
        : 0;
  }

  /** Takes a request that was drawn, when it has been answered. */
  void take(Recorded request) {
    counted.add(request.standsFor);
    ring.set((int) (next.getAndIncrement() & CAPACITY - 1), request);
  }

  /** Fits the share to the rate; to be called once a second, by one thread at a time. */
  public synchronized void tick() {
    long now = ticker.getAsLong();
    double seconds = (now - tickedAt) / NANOS_PER_SECOND;
    if (seconds <= 0) {
      return;
    }
    tickedAt = now;
    double rate = counted.sumThenReset() / seconds;
    double wanted = rate * window.get().toSeconds() / CAPACITY;
    int before = each;
    if (wanted > before) {
      each =
          Math.min(MOST_EACH, Integer.highestOneBit(Math.max(1, (int) Math.ceil(wanted) * 2 - 1)));
    } else if (wanted < before / 4.0) {
      // Bit by bit: one quiet second is not the end of a busy minute.
      each = Math.max(1, before / 2);
    }
  }

  /** Returns what was recorded in the last window, the oldest first. */
  public List<Recorded> recorded() {
    long oldest = ticker.getAsLong() - window.get().toNanos();
    List<Recorded> found = new ArrayList<>();
    for (int i = 0; i < CAPACITY; i++) {
      Recorded one = ring.get(i);
      if (one != null && one.atNanos - oldest >= 0) {
        found.add(Objects.requireNonNull(one));
      }
    }
    found.sort(Comparator.comparingLong(Recorded::atNanos));
    return found;
  }

  long now() {
    return ticker.getAsLong();
  }
}
