package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.Change;
import io.datawarehouse.sdk.replication.ChangeBatch;
import io.datawarehouse.sdk.replication.MultiRegionReplication;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.SiteStatus;
import io.datawarehouse.sdk.replication.VersionVector;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * What a {@link MultiRegionReplication} must do. The subclass has a site of one node with a bucket
 * named {@code bucket} that keeps siblings, and another site that it replicates to. The contract
 * itself plays a third site, {@code guest}, whose changes come in.
 */
public abstract class MultiRegionReplicationContract {

  private static final String GUEST = "guest";
  private static final NodeId GUEST_NODE = new NodeId("guest-1");
  private static final Duration SHORT = Duration.ofMillis(200);

  private final Map<Long, Bytes> guestContents = new HashMap<>();
  private final List<Change> guestFeed = new ArrayList<>();

  /** Returns the replication of this site, the same object in one test. */
  protected abstract MultiRegionReplication site();

  /** Returns the name of the other site, which can be reached at first. */
  protected abstract String otherSite();

  /** Writes a version here, as a client does. */
  protected abstract void write(String key, Bytes content);

  /** Returns the contents of all versions of a blob that stand here. */
  protected abstract List<Bytes> versionsHere(String key);

  /** Returns the contents of all versions of a blob that stand at the other site. */
  protected abstract List<Bytes> versionsAtOtherSite(String key);

  /** Cuts the network to the other site. */
  protected abstract void cut();

  /** Mends the network to the other site. */
  protected abstract void mend();

  /** Lets the site go on sending, where it does that only when told to. */
  protected void pump() {}

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(40);
  }

  @Test
  void writeReachesTheOtherSite() {
    write("key", Bytes.utf8("value"));

    assertThat(allSent()).isTrue();
    assertThat(versionsAtOtherSite("key")).containsExactly(Bytes.utf8("value"));
    assertThat(status().state()).isEqualTo(SiteStatus.State.FLOWING);
    assertThat(status().pending()).isZero();
    assertThat(status().lag()).isEqualTo(Duration.ZERO);
  }

  @Test
  void siteThatIsAwayHoldsUpNobodyAndGetsEverythingLater() {
    write("before", Bytes.utf8("0"));
    assertThat(allSent()).isTrue();
    cut();

    Crowd.elsewhere(
        soon(),
        () -> {
          for (int i = 0; i < 20; i++) {
            write("key-" + i, Bytes.utf8("value " + i));
          }
          return true;
        });
    pump();
    assertThat(Stages.get(site().awaitSent(otherSite(), SHORT), soon())).isFalse();
    assertThat(status().pending()).isEqualTo(20);
    mend();

    assertThat(allSent()).isTrue();
    for (int i = 0; i < 20; i++) {
      assertThat(versionsAtOtherSite("key-" + i)).containsExactly(Bytes.utf8("value " + i));
    }
  }

  @Test
  void pausedSiteGetsNothingUntilItIsResumed() {
    assertThat(site().pause(otherSite())).isTrue();
    assertThat(site().pause(otherSite())).isFalse();
    write("key", Bytes.utf8("value"));
    pump();

    assertThat(status().state()).isEqualTo(SiteStatus.State.PAUSED);
    assertThat(status().pending()).isEqualTo(1);
    assertThat(Stages.get(site().awaitSent(otherSite(), SHORT), soon())).isFalse();
    assertThat(versionsAtOtherSite("key")).isEmpty();
    assertThat(site().resume(otherSite())).isTrue();
    assertThat(site().resume(otherSite())).isFalse();

    assertThat(allSent()).isTrue();
    assertThat(versionsAtOtherSite("key")).containsExactly(Bytes.utf8("value"));
  }

  @Test
  void unknownSiteIsATypedError() {
    for (Runnable call :
        List.<Runnable>of(() -> site().pause("nowhere"), () -> site().resume("nowhere"))) {
      assertThatThrownBy(call::run)
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NOT_FOUND));
    }
  }

  @Test
  void changesThatComeInAreAppliedOnce() {
    guestWrites("one", "1", VersionVector.empty());
    guestWrites("two", "2", VersionVector.empty());

    assertThat(received(batch(0))).isEqualTo(2);
    assertThat(received(batch(0))).isEqualTo(2);
    assertThat(received(batch(1))).isEqualTo(2);
    guestWrites("three", "3", VersionVector.empty());
    assertThat(received(batch(0))).isEqualTo(3);

    assertThat(site().received(GUEST, GUEST_NODE)).isEqualTo(3);
    assertThat(versionsHere("one")).containsExactly(Bytes.utf8("1"));
    assertThat(versionsHere("three")).containsExactly(Bytes.utf8("3"));
    assertThat(site().received(GUEST, new NodeId("another"))).isZero();
    assertThat(site().received("nowhere", GUEST_NODE)).isZero();
  }

  @Test
  void gapIsRefusedAndNothingOfItIsApplied() {
    guestWrites("one", "1", VersionVector.empty());
    guestWrites("two", "2", VersionVector.empty());

    assertThat(Stages.errorOf(receive(batch(1)), soon()))
        .isEqualTo(StandardErrorCode.PRECONDITION_FAILED);

    assertThat(site().received(GUEST, GUEST_NODE)).isZero();
    assertThat(versionsHere("two")).isEmpty();
    assertThat(received(batch(0))).isEqualTo(2);
  }

  @Test
  void concurrentVersionsStandBesideEachOther() {
    write("key", Bytes.utf8("here"));
    guestWrites("key", "there", VersionVector.empty());

    received(batch(0));

    assertThat(versionsHere("key"))
        .containsExactlyInAnyOrder(Bytes.utf8("here"), Bytes.utf8("there"));
  }

  @Test
  void laterVersionTakesThePlaceOfTheOneThatItHasSeen() {
    Sibling first = guestWrites("key", "first", VersionVector.empty());
    guestWrites("key", "second", first.version().seen());

    received(batch(0));

    assertThat(versionsHere("key")).containsExactly(Bytes.utf8("second"));
  }

  @Test
  void contentThatCannotBeHadIsNotCountedAsReceived() {
    guestWrites("key", "value", VersionVector.empty());
    MultiRegionReplication.Contents away =
        change -> {
          throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "the sender went away");
        };

    boolean failed =
        Stages.get(
            site().receive(GUEST, batch(0), away).handle((last, thrown) -> thrown != null), soon());
    assertThat(failed).isTrue();

    assertThat(site().received(GUEST, GUEST_NODE)).isZero();
    assertThat(received(batch(0))).isEqualTo(1);
    assertThat(versionsHere("key")).containsExactly(Bytes.utf8("value"));
  }

  @Test
  void sitesAreSortedAndDoNotHoldTheLocalOne() {
    assertThat(site().sites()).extracting(SiteStatus::site).isSorted().contains(otherSite());
    assertThat(site().sites()).extracting(SiteStatus::site).doesNotContain(site().localSite());
  }

  @Test
  void batchesMayComeInOnManyThreads() {
    for (int i = 0; i < 30; i++) {
      guestWrites("key-" + i, "value " + i, VersionVector.empty());
    }

    Crowd.all(4, soon(), thread -> received(batch(0)));

    assertThat(site().received(GUEST, GUEST_NODE)).isEqualTo(30);
    assertThat(versionsHere("key-29")).containsExactly(Bytes.utf8("value 29"));
  }

  private boolean allSent() {
    CompletionStage<Boolean> sent = site().awaitSent(otherSite(), soon());
    Eventually.is(
        "all is sent",
        soon(),
        () -> {
          pump();
          return sent.toCompletableFuture().isDone();
        });
    return Stages.get(sent, soon());
  }

  private SiteStatus status() {
    return site().sites().stream()
        .filter(status -> status.site().equals(otherSite()))
        .findFirst()
        .orElseThrow();
  }

  private Sibling guestWrites(String key, String text, VersionVector past) {
    long sequence = guestFeed.size() + 1L;
    Bytes content = Bytes.utf8(text);
    VersionVector seen = past;
    Sibling sibling =
        Versions.sibling(
            Versions.manifest(
                BlobKey.of("bucket", key), content, "text/plain", "guest:" + sequence, sequence),
            GUEST_NODE.value(),
            sequence,
            seen);
    guestContents.put(sequence, content);
    guestFeed.add(new Change(sequence, sibling));
    return sibling;
  }

  private ChangeBatch batch(int after) {
    return new ChangeBatch(GUEST_NODE, after, guestFeed.subList(after, guestFeed.size()), false);
  }

  private CompletionStage<Long> receive(ChangeBatch batch) {
    return site()
        .receive(
            GUEST,
            batch,
            change -> {
              byte[] bytes = guestContents.get(change.sequence()).toArray();
              return Optional.of(
                  (offset, length) -> new ByteArrayInputStream(bytes, (int) offset, (int) length));
            });
  }

  private long received(ChangeBatch batch) {
    return Stages.get(receive(batch), soon());
  }
}
