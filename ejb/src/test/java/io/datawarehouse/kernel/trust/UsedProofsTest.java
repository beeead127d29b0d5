package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import org.junit.jupiter.api.Test;

class UsedProofsTest {

  private static final long TOLERANCE = 1_000;
  private static final NodeId NODE = new NodeId("node-1");

  private final UsedProofs used = new UsedProofs(TOLERANCE, 3, 2);

  @Test
  void aFloodIsRefusedAndForgetsNothing() {
    for (int nonce = 0; nonce < 3; nonce++) {
      assertThat(used.use(NODE, 1, use(100, nonce), 100)).isEmpty();
    }
    for (int nonce = 3; nonce < 1_000; nonce++) {
      assertThat(used.use(NODE, 1, use(100, nonce), 100)).contains(Refusal.OVERRUN);
    }
    assertThat(used.use(NODE, 1, use(100, 0), 100)).contains(Refusal.REPLAYED);
    assertThat(used.use(NODE, 1, use(100, 0), 100 + TOLERANCE)).contains(Refusal.REPLAYED);
  }

  @Test
  void roomComesBackAsProofsGrowTooOld() {
    used.use(NODE, 1, use(100, 0), 100);
    used.use(NODE, 1, use(200, 1), 200);
    used.use(NODE, 1, use(300, 2), 300);

    assertThat(used.use(NODE, 1, use(1_100, 3), 1_100)).contains(Refusal.OVERRUN);
    assertThat(used.use(NODE, 1, use(1_101, 3), 1_101)).isEmpty();
    assertThat(used.use(NODE, 1, use(200, 1), 1_101)).contains(Refusal.REPLAYED);
  }

  @Test
  void whatWasForgottenStaysRefusedWhenTheClockGoesBack() {
    used.use(NODE, 1, use(100, 0), 100);
    used.use(NODE, 1, use(5_000, 1), 5_000);

    assertThat(used.use(NODE, 1, use(100, 0), 100)).contains(Refusal.EXPIRED);
    assertThat(used.use(NODE, 1, use(5_000, 1), 4_500)).contains(Refusal.REPLAYED);
  }

  @Test
  void nodesThatWereSilentLongMakeRoomForOthersAndFreshOnesDoNot() {
    used.use(NODE, 7, use(100, 0), 100);
    used.use(new NodeId("node-2"), 1, use(101, 1), 101);

    assertThat(used.use(new NodeId("node-3"), 1, use(2_000, 2), 2_000)).contains(Refusal.OVERRUN);
    assertThat(used.use(new NodeId("node-3"), 1, use(2_101, 2), 2_101)).isEmpty();
    assertThat(used.use(new NodeId("node-2"), 0, use(2_101, 3), 2_101))
        .contains(Refusal.OLD_INCARNATION);
  }

  private static UsedProofs.Use use(long time, long nonce) {
    return new UsedProofs.Use(time, 0, nonce);
  }
}
