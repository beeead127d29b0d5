package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.CopyOutcome;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.p2p.ContentSource;
import io.datawarehouse.sdk.p2p.CopyReport;
import io.datawarehouse.sdk.p2p.P2PDataDistribution;
import io.datawarehouse.testkit.contract.BrokenContracts;
import io.datawarehouse.testkit.federation.SamplePeer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The contract notices what distributions do wrong. */
class P2PDataDistributionContractTest {

  private static BiFunction<List<SamplePeer>, Executor, P2PDataDistribution> maker =
      SampleDistribution::new;

  static class OfBroken extends SampleDistributionContractTest {
    @Override
    P2PDataDistribution make(List<SamplePeer> to, Executor on) {
      return maker.apply(to, on);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(4);
    }
  }

  @Test
  void oneAfterTheOtherIsNoticed() {
    assertThat(failures((peers, executor) -> new SampleDistribution(peers, oneThread())))
        .contains("slowTargetDoesNotHoldUpTheOthers");
  }

  private static Executor oneThread() {
    return Executors.newSingleThreadExecutor(
        work -> {
          Thread thread = new Thread(work, "one after the other");
          thread.setDaemon(true);
          return thread;
        });
  }

  @Test
  void holdingTheWholeContentIsNoticed() {
    assertThat(
            failures(
                (peers, executor) ->
                    new SampleDistribution(peers, executor) {
                      @Override
                      int bufferSize() {
                        return 64 << 20;
                      }
                    }))
        .containsExactly("contentIsStreamedThoughATargetTakesNothing");
  }

  @Test
  void countingCopiesThatWereNotMadeIsNoticed() {
    assertThat(
            failures(
                (peers, executor) ->
                    new SampleDistribution(peers, executor) {
                      @Override
                      CopyReport.Copy failed(NodeId target, ErrorCode code, String detail) {
                        return new CopyReport.Copy.Done(target, new CopyOutcome.AlreadyThere());
                      }
                    }))
        .contains("targetThatIsAwayIsALineOfTheReport");
  }

  @Test
  void countingBeforeItIsDurableIsNoticed() {
    assertThat(
            failures(
                (peers, executor) ->
                    new SampleDistribution(peers, executor) {
                      @Override
                      CopyReport.Copy copy(
                          BlobManifest manifest,
                          ContentSource content,
                          ContentForm form,
                          NodeId target,
                          Duration stall) {
                        return new CopyReport.Copy.Done(target, new CopyOutcome.Stored(manifest));
                      }
                    }))
        .contains("copyReachesAllTargets", "slowTargetDoesNotHoldUpTheOthers");
  }

  @Test
  void givingUpAtTheFirstSourceIsNoticed() {
    assertThat(
            failures(
                (peers, executor) ->
                    new SampleDistribution(peers, executor) {
                      @Override
                      public CompletionStage<FederatedRead> fetch(
                          ReadRequest request, List<NodeId> sources) {
                        return super.fetch(request, sources.subList(0, 1));
                      }
                    }))
        .containsExactly(
            "contentIsFetchedFromTheFirstThatCanGiveIt",
            "damagedSourceIsFollowedByTheNext",
            "thatNobodyHasItIsToldFromThatSomeCouldNotBeAsked");
  }

  private static Set<String> failures(
      BiFunction<List<SamplePeer>, Executor, P2PDataDistribution> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
