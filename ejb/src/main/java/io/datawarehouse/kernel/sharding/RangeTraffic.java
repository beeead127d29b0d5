package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.blob.BucketName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How busy buckets with ranges are, and a sample of the keys that are asked for, since the last
 * look. Thread-safe; memory is bounded, and telling takes no lock.
 */
public final class RangeTraffic {

  private static final int MOST_BUCKETS = 1_024;
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

  /**
   * Makes one that has seen nothing.
   *
   * @param ticker nanoseconds that only grow
   */
  public RangeTraffic(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Counts a request. */
  public void request(BucketName bucket, String key) {
    Sample sample = buckets.get(bucket);
    if (sample == null) {
      if (buckets.size() >= MOST_BUCKETS) {
        return;
      }
      sample = buckets.computeIfAbsent(bucket, name -> new Sample(ticker.getAsLong()));
    }
    sample.requests.increment();
    if ((ThreadLocalRandom.current().nextInt() & ONE_OF - 1) == 0) {
      sample.keys.set(sample.next.getAndIncrement() & SAMPLES - 1, key);
    }
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

    /** Guarded by this. */
    private long since;

    Sample(long now) {
      this.since = now;
    }

    synchronized Seen look(long now) {
      double seconds = Math.max(1e-9, (now - since) / 1e9);
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
