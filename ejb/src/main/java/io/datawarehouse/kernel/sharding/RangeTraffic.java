package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How busy buckets with ranges are, and a sample of the keys that are asked for, since the last
 * look. Thread-safe; memory is bounded, and telling of a bucket that is known takes no lock. Where
 * there are too many buckets the one goes that was not looked at for longest, so that buckets that
 * are gone make room; a sample that nobody looks at begins anew after {@link #LONGEST}.
 */
public final class RangeTraffic {

  static final int MOST_BUCKETS = 1_024;

  /** Over which time requests are counted at most: what came before says nothing of now. */
  static final Duration LONGEST = Duration.ofMinutes(2);

  /** How often a bucket makes room for another one at most. */
  static final Duration BETWEEN = Duration.ofMillis(100);

  /** Fewer requests than a second's are no rate. */
  private static final double LEAST_SECONDS = 1;

  private static final int SAMPLES = 512;

  /** One request of so many is sampled; a power of two. */
  private static final int ONE_OF = 8;

  /**
   * What was seen.
   *
   * @param requestsPerSecond how many requests there were
   * @param keys some of their keys
   */
  public record Seen(double requestsPerSecond, List<String> keys) {}

  private final Map<BucketName, Sample> buckets = new ConcurrentHashMap<>();
  private final LongSupplier ticker;

  /** Guarded by this. */
  private long nextRoom;

  /**
   * Makes one that has seen nothing.
   *
   * @param ticker nanoseconds that only grow
   */
  public RangeTraffic(LongSupplier ticker) {
    this.ticker = ticker;
    this.nextRoom = ticker.getAsLong();
  }

  /** Counts a request. */
  public void request(BucketName bucket, String key) {
    long now = ticker.getAsLong();
    Sample known = buckets.get(bucket);
    Sample sample = known == null ? admit(bucket, now) : known;
    if (sample == null) {
      return;
    }
    sample.renew(now);
    sample.requests.increment();
    if ((ThreadLocalRandom.current().nextInt() & ONE_OF - 1) == 0) {
      sample.keys.set(sample.next.getAndIncrement() & SAMPLES - 1, key);
    }
  }

  private synchronized @Nullable Sample admit(BucketName bucket, long now) {
    if (buckets.size() >= MOST_BUCKETS && !buckets.containsKey(bucket)) {
      if (now - nextRoom < 0) {
        return null;
      }
      buckets.remove(longestNotLookedAt(now));
      nextRoom = now + BETWEEN.toNanos();
    }
    return buckets.computeIfAbsent(bucket, name -> new Sample(now));
  }

  private BucketName longestNotLookedAt(long now) {
    return Collections.max(
            buckets.entrySet(), Comparator.comparingLong(entry -> now - entry.getValue().lookedAt))
        .getKey();
  }

  /** Forgets a bucket that is gone. */
  public synchronized void remove(BucketName bucket) {
    buckets.remove(bucket);
  }

  /** Returns what was seen of a bucket since the last look. */
  public Seen look(BucketName bucket) {
    Sample sample = buckets.get(bucket);
    return sample == null ? new Seen(0, List.of()) : sample.look(ticker.getAsLong());
  }

  private static final class Sample {

    private final LongAdder requests = new LongAdder();
    private final AtomicReferenceArray<String> keys = new AtomicReferenceArray<>(SAMPLES);
    private final AtomicInteger next = new AtomicInteger();

    /** When it was made, or looked at last. */
    private volatile long lookedAt;

    /** Since when it counts; written under this. */
    private volatile long since;

    Sample(long now) {
      this.lookedAt = now;
      this.since = now;
    }

    /** Begins anew where nobody has looked for too long. */
    void renew(long now) {
      if (now - since > LONGEST.toNanos()) {
        synchronized (this) {
          if (now - since > LONGEST.toNanos()) {
            clear();
            since = now;
          }
        }
      }
    }

    private void clear() {
      requests.reset();
      for (int i = 0; i < SAMPLES; i++) {
        keys.set(i, null);
      }
    }

    synchronized Seen look(long now) {
      lookedAt = now;
      renew(now);
      double seconds = Math.max(LEAST_SECONDS, (now - since) / 1e9);
      since = now;
      List<String> seen = new ArrayList<>();
      for (int i = 0; i < SAMPLES; i++) {
        String key = keys.getAndSet(i, null);
        if (key != null) {
          seen.add(key);
        }
      }
      return new Seen(requests.sumThenReset() / seconds, seen);
    }
  }
}
