package io.datawarehouse.sdk.balance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AdaptiveChoiceTest {

  private static final long MILLI = 1_000_000;

  @ParameterizedTest
  @EnumSource(DeploymentTier.class)
  void loadOverTwiceTheMeanMeansLeastConnectionsWhateverElseHolds(DeploymentTier tier) {
    assertThat(AdaptiveChoice.of(tier, 20.1, 10, 500 * MILLI).algorithm())
        .isEqualTo("least-connections");
    assertThat(AdaptiveChoice.of(tier, 20, 10, 0)).isEqualTo(AdaptiveChoice.preferredBy(tier));
  }

  @ParameterizedTest
  @EnumSource(DeploymentTier.class)
  void latenciesFarApartMeanLatencyBased(DeploymentTier tier) {
    assertThat(AdaptiveChoice.of(tier, 20, 10, 100 * MILLI + 1).algorithm())
        .isEqualTo("latency-based");
    assertThat(AdaptiveChoice.of(tier, 20, 10, 100 * MILLI))
        .isEqualTo(AdaptiveChoice.preferredBy(tier));
  }

  @ParameterizedTest
  @CsvSource({
    "INDIVIDUAL, weighted-round-robin",
    "SMB, weighted-round-robin",
    "ENTERPRISE, weighted-round-robin",
    "HIGH_STAKES, resource-aware",
    "HYPERSCALE, consistent-hashing"
  })
  void otherwiseTheTierDecides(DeploymentTier tier, String algorithm) {
    assertThat(AdaptiveChoice.of(tier, 0, 0, 0).algorithm()).isEqualTo(algorithm);
  }

  @Test
  void everyChoiceIsAStrategyOfTheProductAndSaysWhy() {
    for (AdaptiveChoice choice : AdaptiveChoice.values()) {
      assertThat(BalancingAlgorithms.all()).contains(choice.algorithm());
      assertThat(choice.because()).isNotBlank();
    }
    assertThat(AdaptiveChoice.UNEVEN_LATENCY.found()).isTrue();
    assertThat(AdaptiveChoice.EVEN.found()).isFalse();
  }
}
