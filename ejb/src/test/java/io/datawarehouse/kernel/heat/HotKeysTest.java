package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.kernel.heat.HotKeys.HotKey;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.testkit.contract.Allocations;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HotKeysTest {

  private static final long SEED = 20_05;

  private final AtomicLong nanos = new AtomicLong();
  private final Random random = new Random(SEED);

  /** Looks at every request, so that bounds hold for certain. */
  private final HotKeys all = new HotKeys(nanos::get, () -> 0);

  private static BlobKey key(int number) {
    return BlobKey.of("bucket", "key-" + number);
  }

  @Test
  void findsWhatIsAskedForMostAmongManyMoreKeysThanItKeeps() {
    HotKeys sampled = new HotKeys(nanos::get, random::nextInt);
    for (int i = 0; i < 200_000; i++) {
      int number = random.nextInt(10) < 3 ? random.nextInt(3) : 3 + random.nextInt(100_000);
      sampled.offer(key(number), number & 255);
      nanos.addAndGet(Duration.ofMillis(1).toNanos());
    }

    List<HotKey> top = sampled.top(3);

    assertThat(top)
        .as("seed %d", SEED)
        .extracting(HotKey::key)
        .containsExactlyInAnyOrder(key(0), key(1), key(2));
    assertThat(top).allSatisfy(hot -> assertThat(hot.perSecond()).isCloseTo(100, within(40.0)));
    assertThat(sampled.top(1_000)).hasSize(HotKeys.KEPT);
  }

  @Test
  void estimatesLieAroundTheTruth() {
    Map<BlobKey, Integer> truth = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      BlobKey key = key((int) (500 * Math.pow(random.nextDouble(), 3)));
      truth.merge(key, HotKeys.SAMPLE, Integer::sum);
      all.offer(key, 0);
    }

    double seconds = SegmentTraffic.MEMORY.toSeconds();
    for (HotKey hot : all.top(HotKeys.KEPT)) {
      assertThat(hot.perSecond() * seconds)
          .as("%s, seed %d", hot, SEED)
          .isGreaterThanOrEqualTo(truth.get(hot.key()) - 1e-6);
      assertThat(hot.least() * seconds).isLessThanOrEqualTo(truth.get(hot.key()) + 1e-6);
    }
  }

  @Test
  void whatWasHotIsForgotten() {
    for (int i = 0; i < 10_000; i++) {
      all.offer(key(1), 0);
    }
    // Far enough that the numbers inside must be brought down to size.
    for (int i = 0; i < 400; i++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      all.offer(key(2), 0);
    }

    HotKey first = all.top(1).get(0);

    assertThat(first.key()).isEqualTo(key(2));
    assertThat(first.perSecond()).isCloseTo(HotKeys.SAMPLE, within(1.0));
    assertThat(all.top(2).get(1).perSecond()).isLessThan(1e-6);
  }

  @Test
  void countingAKnownKeyAllocatesNothing() {
    BlobKey known = key(1);
    Allocations.requireNone("counting a known key", i -> all.offer(known, 1));
  }
}
