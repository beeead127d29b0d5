package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.sdk.blob.BucketName;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OwnTrafficTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final int HOT = 300;

  private final AtomicLong nanos = new AtomicLong();
  private final OwnTraffic traffic = new OwnTraffic(nanos::get, new Random(7)::nextInt);

  private void read(BucketName bucket, int segment, int times) {
    for (int i = 0; i < times; i++) {
      traffic.count(bucket, segment, counter -> counter.reads.increment());
    }
  }

  private double rate(BucketName bucket, int segment) {
    return traffic.rates(new OwnSegment(bucket, segment)).requests();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void segmentsOfTheSameNumberAreCountedByBucket() {
    BucketName other = new BucketName("films");
    read(BUCKET, HOT, 1);
    read(other, HOT, 1);
    for (int second = 0; second < 100; second++) {
      read(BUCKET, HOT, 50);
      read(other, HOT, 5);
      pass(Duration.ofSeconds(1));
    }

    assertThat(rate(BUCKET, HOT)).isCloseTo(50, within(1.0));
    assertThat(rate(other, HOT)).isCloseTo(5, within(0.1));
    assertThat(rate(BUCKET, HOT + 1)).isZero();
  }

  @Test
  void thousandsOfSegmentsTakeNoMoreRoomAndWhatIsHotStays() {
    for (int second = 0; second < 120; second++) {
      for (int segment = 1_000; segment < 5_000; segment++) {
        read(BUCKET, segment, 1);
      }
      // Comes last each time, when the table is full already.
      read(BUCKET, HOT, 100);
      pass(Duration.ofSeconds(1));
      assertThat(traffic.counted()).hasSizeLessThanOrEqualTo(OwnTraffic.MOST);
    }

    assertThat(rate(BUCKET, HOT)).isCloseTo(100, within(5.0));
  }

  @Test
  void segmentThatComesLateAndHotFindsRoomAmongTheWarm() {
    for (int second = 0; second < 60; second++) {
      for (int segment = 1_000; segment < 1_000 + OwnTraffic.MOST; segment++) {
        read(BUCKET, segment, 20);
      }
      pass(Duration.ofSeconds(1));
    }
    for (int second = 0; second < 120; second++) {
      for (int segment = 1_000; segment < 1_000 + OwnTraffic.MOST; segment++) {
        read(BUCKET, segment, 20);
      }
      read(BUCKET, HOT, 100);
      pass(Duration.ofSeconds(1));
    }

    assertThat(rate(BUCKET, HOT)).isCloseTo(100, within(5.0));
  }

  @Test
  void whatIsForgottenIsCountedAnew() {
    read(BUCKET, HOT, 1_000);
    pass(Duration.ofSeconds(1));

    traffic.forget(new OwnSegment(BUCKET, HOT));

    assertThat(rate(BUCKET, HOT)).isZero();
    read(BUCKET, HOT, 10);
    pass(Duration.ofSeconds(1));
    assertThat(rate(BUCKET, HOT)).isPositive();
  }
}
