package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.balance.ModeDecision.Figures;
import io.datawarehouse.sdk.balance.BalancingMode;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModeDecisionTest {

  private static final LoadBalancingConfig SMB =
      DeploymentTier.SMB.defaults().withMode(BalancingMode.INTELLIGENT);
  private static final Figures QUIET = new Figures(3, 9.9);
  private static final Figures LIVELY = new Figures(3, 10);
  private static final long WINDOW = Duration.ofMinutes(5).toNanos();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void actsAsSoonAsThereIsTraffic() {
    ModeDecision decision = ModeDecision.anew(SMB, QUIET);
    assertThat(decision.mode()).isEqualTo(BalancingMode.MANUAL);

    assertThat(decision.next(SMB, LIVELY, 1).mode()).isEqualTo(BalancingMode.AUTOMATIC);
  }

  @Test
  void quietMinutesEndItOnlyWhenTheyLastAWholeWindow() {
    ModeDecision quiet = ModeDecision.anew(SMB, LIVELY).next(SMB, QUIET, 0);
    assertThat(quiet.next(SMB, QUIET, WINDOW - 1).mode()).isEqualTo(BalancingMode.AUTOMATIC);
    assertThat(quiet.next(SMB, QUIET, WINDOW).mode()).isEqualTo(BalancingMode.MANUAL);

    ModeDecision interrupted = quiet.next(SMB, LIVELY, WINDOW / 2).next(SMB, QUIET, WINDOW);
    assertThat(interrupted.mode()).isEqualTo(BalancingMode.AUTOMATIC);
    assertThat(interrupted.next(SMB, QUIET, 2 * WINDOW).mode()).isEqualTo(BalancingMode.MANUAL);
  }

  @Test
  void whatSomebodySetNeedsNoWindow() {
    ModeDecision lively = ModeDecision.anew(SMB, LIVELY).next(SMB, QUIET, 0);

    ModeDecision set = lively.next(SMB.withMode(BalancingMode.MANUAL), QUIET, 1);
    assertThat(set.mode()).isEqualTo(BalancingMode.MANUAL);
    assertThat(set.quietSince()).isEmpty();
  }

  @Test
  void trafficAroundTheThresholdDoesNotMakeItFlap() {
    long seed = 20_261_126;
    Random random = new Random(seed);
    ModeDecision decision = ModeDecision.anew(SMB, QUIET);
    int changes = 0;
    for (int second = 0; second < 3_600; second++) {
      BalancingMode before = decision.mode();
      decision = decision.next(SMB, random.nextBoolean() ? QUIET : LIVELY, second * SECOND);
      changes += decision.mode() == before ? 0 : 1;
    }

    assertThat(changes).as("changes in an hour, seed %d", seed).isLessThanOrEqualTo(1);
  }
}
