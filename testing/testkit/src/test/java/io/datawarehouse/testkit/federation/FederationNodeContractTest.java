package io.datawarehouse.testkit.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract notices what ways to other kernels do wrong. */
class FederationNodeContractTest {

  private static Function<String, SamplePeer> maker = SamplePeer::new;

  static class OfBroken extends SamplePeerContractTest {
    @Override
    SamplePeer make(String id) {
      return maker.apply(id);
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(3);
    }
  }

  @Test
  void lettingInThoseThatWereRefusedIsNoticed() {
    assertThat(
            failures(
                id ->
                    new SamplePeer(id) {
                      @Override
                      protected boolean letsAnybodyIn() {
                        return true;
                      }
                    }))
        .containsExactly("strangersAreRefusedAndGetNothing");
  }

  @Test
  void wrongBytesAreNoticed() {
    assertThat(
            failures(
                id ->
                    new SamplePeer(id) {
                      @Override
                      protected boolean checksReads() {
                        return false;
                      }
                    }))
        .containsExactly("damagedContentIsAnErrorAndNeverWrongBytes");
  }

  @Test
  void copyThatIsNotCheckedIsNoticed() {
    assertThat(
            failures(
                id ->
                    new SamplePeer(id) {
                      @Override
                      protected boolean checksCopies() {
                        return false;
                      }
                    }))
        .containsExactly("copyThatIsNotWhatWasAnnouncedLeavesNothing");
  }

  @Test
  void olderVersionThatWinsIsNoticed() {
    assertThat(
            failures(
                id ->
                    new SamplePeer(id) {
                      @Override
                      protected boolean replaces(BlobManifest incoming, BlobManifest standing) {
                        return true;
                      }
                    }))
        .containsExactly("olderVersionNeverTakesThePlaceOfOneThatHasSeenIt");
  }

  @Test
  void partThatIsNotTheOneThatWasAskedForIsNoticed() {
    assertThat(
            failures(
                id ->
                    new SamplePeer(id) {
                      @Override
                      public CompletionStage<FederatedRead> openRead(ReadRequest request) {
                        return super.openRead(ReadRequest.whole(request.key()));
                      }
                    }))
        .contains("contentComesAsItIsWholeAndInParts", "whatIsNotThereIsATypedError");
  }

  private static Set<String> failures(Function<String, SamplePeer> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
