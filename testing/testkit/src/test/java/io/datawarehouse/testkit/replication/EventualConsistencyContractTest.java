package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.replication.CausalDelivery;
import io.datawarehouse.sdk.replication.Dot;
import io.datawarehouse.sdk.replication.DottedVersion;
import io.datawarehouse.sdk.replication.EventualConsistency;
import io.datawarehouse.sdk.replication.VersionVector;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The contract notices what causal tracking does wrong. */
class EventualConsistencyContractTest {

  private static BiFunction<NodeId, VersionVector, SampleTracking> maker = SampleTracking::new;
  private static boolean forgetful;

  static class OfBroken extends EventualConsistencyContract {
    @Override
    protected EventualConsistency tracking(NodeId node) {
      return maker.apply(node, VersionVector.empty());
    }

    @Override
    protected EventualConsistency restarted(NodeId node, EventualConsistency before) {
      return maker.apply(node, forgetful ? VersionVector.empty() : before.seen());
    }

    @Override
    protected int mostWaiting() {
      return SampleTracking.MOST_WAITING;
    }
  }

  @Test
  void namesThatBeginAnewAfterARestartAreNoticed() {
    forgetful = true;
    try {
      assertThat(failures(SampleTracking::new)).containsExactly("namesGoOnAfterARestart");
    } finally {
      forgetful = false;
    }
  }

  @Test
  void effectBeforeItsCauseIsNoticed() {
    assertThat(
            failures(
                (node, seen) ->
                    new SampleTracking(node, seen) {
                      @Override
                      Set<Dot> missing(DottedVersion version) {
                        return Set.of();
                      }
                    }))
        .contains(
            "effectWaitsForItsCauseAndBothComeTogether",
            "allNodesComeToTheSameWhateverTheNetworkDoes");
  }

  @Test
  void deliveryTheWrongWayRoundIsNoticed() {
    assertThat(
            failures(
                (node, seen) ->
                    new SampleTracking(node, seen) {
                      @Override
                      public synchronized CausalDelivery arrive(DottedVersion version) {
                        if (super.arrive(version) instanceof CausalDelivery.Delivered news) {
                          List<DottedVersion> reversed = new ArrayList<>(news.versions());
                          Collections.reverse(reversed);
                          return new CausalDelivery.Delivered(reversed);
                        }
                        return super.arrive(version);
                      }
                    }))
        .contains("allNodesComeToTheSameWhateverTheNetworkDoes");
  }

  @Test
  void contextThatIsForgottenIsNoticed() {
    assertThat(
            failures(
                (node, seen) ->
                    new SampleTracking(node, seen) {
                      @Override
                      VersionVector past(VersionVector context) {
                        return VersionVector.empty();
                      }
                    }))
        .contains("writeHasSeenWhatItsWriterHadSeenElsewhere");
  }

  @Test
  void waitingWithoutBoundIsNoticed() {
    assertThat(
            failures(
                (node, seen) ->
                    new SampleTracking(node, seen) {
                      @Override
                      int mostWaiting() {
                        return Integer.MAX_VALUE;
                      }
                    }))
        .containsExactly("whatWaitsIsBoundedAndMayBeSentAgain");
  }

  @Test
  void forgettingTooEarlyIsNoticed() {
    assertThat(
            failures(
                (node, seen) ->
                    new SampleTracking(node, seen) {
                      @Override
                      public synchronized Optional<VersionVector> stable(Set<NodeId> nodes) {
                        return Optional.of(seen());
                      }
                    }))
        .containsExactly("onlyWhatAllHaveSeenMayBeForgotten");
  }

  private static Set<String> failures(BiFunction<NodeId, VersionVector, SampleTracking> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
