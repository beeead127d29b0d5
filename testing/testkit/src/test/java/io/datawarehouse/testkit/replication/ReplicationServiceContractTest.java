package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.replication.RepairStatus;
import io.datawarehouse.sdk.replication.ReplicationService;
import io.datawarehouse.testkit.contract.BrokenContracts;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract notices what replication services do wrong. */
class ReplicationServiceContractTest {

  /** Makes a broken service. */
  private interface Maker {
    ReplicationService make(SamplePeer here, List<SamplePeer> peers, Executor executor);
  }

  private static Maker maker = SampleRestorer::new;
  private static Function<String, SamplePeer> peerMaker = SamplePeer::new;

  static class OfBroken extends SampleRestorerContractTest {
    @Override
    SamplePeer peer(String id) {
      return peerMaker.apply(id);
    }

    @Override
    ReplicationService make(SamplePeer local, List<SamplePeer> others, Executor on) {
      return maker.make(local, others, on);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(4);
    }
  }

  @Test
  void askingThePreferredAloneIsNoticed() {
    assertThat(
            failures(
                (here, peers, executor) ->
                    new SampleRestorer(here, peers, executor) {
                      @Override
                      boolean onlyPreferred() {
                        return true;
                      }
                    }))
        .containsExactly("blobIsRestoredFromAnyPeerThatHasIt", "damagedPeerIsNoSource");
  }

  @Test
  void olderVersionThatWinsIsNoticed() {
    assertThat(
            failures(
                (here, peers, executor) ->
                    new SampleRestorer(here, peers, executor) {
                      @Override
                      boolean isNewer(BlobManifest offered, BlobManifest standing) {
                        return true;
                      }
                    }))
        .contains("versionIsNeverReplacedByOneThatItHasSeen", "copyThatIsWholeStays");
  }

  @Test
  void contentThatIsNotCheckedIsNoticed() {
    peerMaker =
        id ->
            new SamplePeer(id) {
              @Override
              protected boolean checksReads() {
                return false;
              }
            };
    try {
      assertThat(failures(SampleRestorer::new))
          .containsExactly("damagedPeerIsNoSource", "thatNobodyHasItIsAResultWithTheReasonOfEach");
    } finally {
      peerMaker = SamplePeer::new;
    }
  }

  @Test
  void repairsInTheWrongOrderAreNoticed() {
    assertThat(
            failures(
                (here, peers, executor) ->
                    new SampleRestorer(here, peers, executor) {
                      @Override
                      public List<RepairStatus> repairs() {
                        List<RepairStatus> reversed = new ArrayList<>(super.repairs());
                        Collections.reverse(reversed);
                        return reversed;
                      }
                    }))
        .containsExactly("repairsOfLateAreToldTheLatestFirst");
  }

  private static Set<String> failures(Maker broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
