package io.datawarehouse.plugin.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.testkit.balance.FakeSignals;
import org.junit.jupiter.api.Test;

class AdaptiveTest {

  private static final long MILLI = 1_000_000;

  private static NodeSelector prepared(DeploymentTier tier) {
    return new Adaptive(3).prepare(Tables.of(4), tier.defaults());
  }

  private static String chosenBy(NodeSelector selector, FakeSignals signals) {
    String because = selector.explain(signals, 1).because();
    return because.substring(0, because.indexOf(','));
  }

  @Test
  void tierDecidesWhereAllIsEven() {
    FakeSignals even = new FakeSignals(4);

    assertThat(chosenBy(prepared(DeploymentTier.ENTERPRISE), even))
        .isEqualTo("weighted-round-robin");
    assertThat(chosenBy(prepared(DeploymentTier.HIGH_STAKES), even)).isEqualTo("resource-aware");
    assertThat(chosenBy(prepared(DeploymentTier.HYPERSCALE), even)).isEqualTo("consistent-hashing");
  }

  @Test
  void requestsThatPileUpAtOneNodeMeanLeastConnections() {
    FakeSignals signals = new FakeSignals(4).underWay(2, 30);

    assertThat(chosenBy(prepared(DeploymentTier.HYPERSCALE), signals))
        .isEqualTo("least-connections");
  }

  @Test
  void processorsThatAreBusyAtOneNodeMeanLeastConnections() {
    FakeSignals signals = new FakeSignals(4).busy(0, 90).busy(1, 20).busy(2, 20).busy(3, 20);

    assertThat(chosenBy(prepared(DeploymentTier.ENTERPRISE), signals))
        .isEqualTo("least-connections");
  }

  @Test
  void handfulOfRequestsOrAnIdleProcessorMeansNothing() {
    FakeSignals signals = new FakeSignals(4).underWay(2, 3).busy(0, 9).busy(1, 0);

    assertThat(chosenBy(prepared(DeploymentTier.ENTERPRISE), signals))
        .isEqualTo("weighted-round-robin");
  }

  @Test
  void latenciesFarApartMeanLatencyBased() {
    FakeSignals signals = new FakeSignals(4).latency(0, 5 * MILLI).latency(1, 106 * MILLI);

    assertThat(chosenBy(prepared(DeploymentTier.ENTERPRISE), signals)).isEqualTo("latency-based");
  }

  @Test
  void loadsAreComparedByWeight() {
    NodeSelector selector =
        new Adaptive(3).prepare(Tables.of(3, number -> number == 0 ? 10 : 1), Tables.CONFIG);
    FakeSignals signals = new FakeSignals(3).underWay(0, 10).underWay(1, 1).underWay(2, 1);

    assertThat(chosenBy(selector, signals)).isEqualTo("weighted-round-robin");
  }

  @Test
  void remedyOutlastsTheSymptomAndEnds() {
    NodeSelector selector = prepared(DeploymentTier.ENTERPRISE);
    FakeSignals signals = new FakeSignals(4).underWay(2, 30);
    selector.select(signals);
    signals.underWay(2, -30);
    for (int i = 0; i < Adaptive.HOLD - 2; i++) {
      selector.select(signals);
    }
    assertThat(chosenBy(selector, signals)).isEqualTo("least-connections");

    for (int i = 0; i < 2 + Adaptive.EVERY; i++) {
      selector.select(signals);
    }
    assertThat(chosenBy(selector, signals)).isEqualTo("weighted-round-robin");
  }

  @Test
  void worseFindingIsFollowedWhileAnotherHolds() {
    NodeSelector selector = prepared(DeploymentTier.ENTERPRISE);
    FakeSignals signals = new FakeSignals(4).latency(0, 5 * MILLI).latency(1, 206 * MILLI);
    selector.select(signals);
    signals.underWay(1, 50);
    for (int i = 0; i < Adaptive.EVERY; i++) {
      selector.select(signals);
    }

    assertThat(chosenBy(selector, signals)).isEqualTo("least-connections");
  }
}
