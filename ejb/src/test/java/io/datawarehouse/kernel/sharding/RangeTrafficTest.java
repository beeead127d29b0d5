package io.datawarehouse.kernel.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RangeTrafficTest {

  private static final BucketName BUCKET = new BucketName("photos");

  private final AtomicLong nanos = new AtomicLong();
  private final RangeTraffic traffic = new RangeTraffic(nanos::get);

  private void request(BucketName bucket, int times) {
    for (int i = 0; i < times; i++) {
      traffic.request(bucket, "key");
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void fill() {
    for (int i = 0; i < RangeTraffic.MOST_BUCKETS; i++) {
      request(new BucketName("bucket-" + i), 1);
    }
    pass(RangeTraffic.BETWEEN);
  }

  @Test
  void tellsHowManyRequestsThereWereSinceTheLastLook() {
    request(BUCKET, 500);
    pass(Duration.ofSeconds(10));

    RangeTraffic.Seen seen = traffic.look(BUCKET);

    assertThat(seen.requestsPerSecond()).isCloseTo(50, within(1e-9));
    assertThat(seen.keys()).isNotEmpty().containsOnly("key");
    pass(Duration.ofSeconds(10));
    assertThat(traffic.look(BUCKET).requestsPerSecond()).isZero();
  }

  @Test
  void bucketThatComesWhenAllRoomIsTakenIsCountedAllTheSame() {
    fill();

    request(BUCKET, 100);
    pass(Duration.ofSeconds(1));

    assertThat(traffic.look(BUCKET).requestsPerSecond()).isCloseTo(100, within(1e-9));
  }

  @Test
  void bucketsThatAreLookedAtStay() {
    fill();
    for (int i = 0; i < RangeTraffic.MOST_BUCKETS - 1; i++) {
      traffic.look(new BucketName("bucket-" + i));
    }

    request(BUCKET, 1);
    pass(RangeTraffic.BETWEEN);
    request(new BucketName("bucket-0"), 100);
    pass(Duration.ofSeconds(1));

    // The one bucket that nobody looked at made room.
    assertThat(traffic.look(BUCKET).requestsPerSecond()).isPositive();
    assertThat(traffic.look(new BucketName("bucket-0")).requestsPerSecond()).isGreaterThan(50);
    assertThat(
            traffic
                .look(new BucketName("bucket-" + (RangeTraffic.MOST_BUCKETS - 1)))
                .requestsPerSecond())
        .isZero();
  }

  @Test
  void bucketThatIsGoneMakesRoomAtOnce() {
    fill();
    request(BUCKET, 1);
    traffic.remove(new BucketName("bucket-5"));

    // Not a moment has passed since another bucket made room.
    request(new BucketName("films"), 10);
    pass(Duration.ofSeconds(1));

    assertThat(traffic.look(new BucketName("films")).requestsPerSecond()).isPositive();
  }

  @Test
  void firstLookAfterHoursTellsOfTheLastMinutes() {
    for (int minute = 0; minute < 180; minute++) {
      request(BUCKET, minute < 175 ? 6_000 : 60);
      pass(Duration.ofMinutes(1));
    }

    assertThat(traffic.look(BUCKET).requestsPerSecond()).isLessThan(2);
  }
}
