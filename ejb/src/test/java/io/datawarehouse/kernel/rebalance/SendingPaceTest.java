package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendingPaceTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final SendingPace pace = new SendingPace();

  @Test
  void fewAreLeftAsLongAsNothingIsKnown() {
    assertThat(pace.within(SECOND)).isEqualTo(SendingPace.FEW);
  }

  @Test
  void asManyAreLeftAsCanBeSentInTheTime() {
    pace.sent(100, SECOND);
    assertThat(pace.within(SECOND)).isEqualTo(100);
    assertThat(pace.within(5 * SECOND)).isEqualTo(500);
  }

  @Test
  void aSlowPaceStillLeavesAFewAndAFastOneNotAll() {
    pace.sent(1, 10 * SECOND);
    assertThat(pace.within(SECOND)).isEqualTo(SendingPace.FEW);
    SendingPace fast = new SendingPace();
    fast.sent(1_000, 0);
    assertThat(fast.within(SECOND)).isEqualTo(2_000);
  }

  @Test
  void whatWasMeasuredLastCountsMost() {
    pace.sent(100, SECOND);
    for (int i = 0; i < 30; i++) {
      pace.sent(400, SECOND);
    }
    assertThat(pace.within(SECOND)).isBetween(390, 400);
    pace.sent(0, SECOND);
    assertThat(pace.within(SECOND)).isBetween(390, 400);
  }
}
