package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A world with a time of its own, in which messages are late or lost and clocks run apart, and
 * which holds every read against what was seen before. Confined to one thread.
 */
abstract class CopiesWorld {

  static final Duration LEASE = Duration.ofSeconds(2);
  static final List<BlobKey> KEYS =
      List.of(BlobKey.of("bucket", "a"), BlobKey.of("bucket", "b"), BlobKey.of("bucket", "c"));

  private static final long RUN = Duration.ofSeconds(40).toNanos();

  private record Event(long at, long number, Runnable work) {}

  private final int seed;
  final Random random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long numbers;

  /** What is durable. */
  final Map<BlobKey, Integer> store = new HashMap<>();

  /** The newest version that anybody has seen or been told of. */
  private final Map<BlobKey, Integer> seen = new HashMap<>();

  CopiesWorld(int seed) {
    this.seed = seed;
    this.random = new Random(seed);
    KEYS.forEach(
        key -> {
          store.put(key, 0);
          seen.put(key, 0);
        });
  }

  final long now() {
    return now;
  }

  final void after(long nanos, Runnable work) {
    events.add(new Event(now + nanos, numbers++, work));
  }

  final long millis(int least, int most) {
    return Duration.ofMillis(least + random.nextInt(most - least + 1)).toNanos();
  }

  final boolean chance(double share) {
    return random.nextDouble() < share;
  }

  final BlobKey anyKey() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  /** Clocks begin anywhere and run up to 4 % too fast or too slow. */
  final LongSupplier clock() {
    long offset = random.nextLong() >> 8;
    double speed = 0.96 + 0.08 * random.nextDouble();
    return () -> offset + (long) (now * speed);
  }

  /** Some messages are lost, some are quick, some are very late. */
  final void message(Runnable arrival) {
    if (!chance(0.08)) {
      after(chance(0.1) ? millis(100, 4_000) : millis(0, 20), arrival);
    }
  }

  /** Does what is due, until the end. */
  final void play() {
    while (!events.isEmpty() && events.peek().at < RUN) {
      Event next = events.poll();
      now = next.at;
      next.work.run();
    }
  }

  final void saw(BlobKey key, int version) {
    seen.merge(key, version, Math::max);
  }

  /** Begins a read; what it returns takes what was read. */
  final Consumer<Integer> reader(BlobKey key, String where) {
    int least = seen.get(key);
    return version -> {
      assertThat(version)
          .as("read of %s at %s, seed %d, at %d ms", key, where, seed, now / 1_000_000)
          .isGreaterThanOrEqualTo(least);
      saw(key, version);
    };
  }
}
