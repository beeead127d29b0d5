package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.RepairStatus;
import io.datawarehouse.sdk.replication.ReplicaLag;
import io.datawarehouse.sdk.replication.ReplicationService;
import io.datawarehouse.sdk.replication.RestoreRequest;
import io.datawarehouse.sdk.replication.RestoreResult;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ReplicationService} must do. The subclass has this node and three peers, whose
 * stores it fills and looks into, each with a bucket named {@code bucket} without a pipeline. All
 * four own everything.
 */
public abstract class ReplicationServiceContract {

  private static final BlobKey KEY = BlobKey.of("bucket", "some/key");
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int THREADS = 6;

  /** Returns the service under test, the same object in one test. */
  protected abstract ReplicationService service();

  /** Returns the node whose service it is. */
  protected abstract NodeId self();

  /** Returns the three peers. */
  protected abstract List<NodeId> peers();

  /** Returns the manifest of a version of a blob that has seen all with smaller numbers. */
  protected abstract BlobManifest manifest(BlobKey key, Bytes content, int version);

  /** Puts a version into the store of a node, this one or a peer. */
  protected abstract void put(NodeId node, BlobManifest manifest, Bytes content);

  /** Returns the content that stands at a node; empty where there is none or it is damaged. */
  protected abstract Optional<Bytes> contentAt(NodeId node, BlobKey key);

  /** Damages the content that stands at a node, behind its back. */
  protected abstract void damage(NodeId node, BlobKey key);

  /** Makes a peer unreachable, without a word. */
  protected abstract void cut(NodeId peer);

  /** Returns how often content was read from a peer by now. */
  protected abstract int readsAt(NodeId peer);

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(40);
  }

  @Test
  void blobIsRestoredFromAnyPeerThatHasIt() {
    Bytes content = content(100_000);
    put(peers().get(2), manifest(KEY, content, 1), content);
    cut(peers().get(0));

    RestoreResult result = restored(List.of(peers().get(0)));

    assertThat(result)
        .isInstanceOfSatisfying(
            RestoreResult.Restored.class,
            restored -> {
              assertThat(restored.from()).isEqualTo(peers().get(2));
              assertThat(restored.manifest().etag()).isEqualTo(Versions.sha256(content));
            });
    assertThat(contentAt(self(), KEY)).contains(content);
  }

  @Test
  void damagedCopyIsReplaced() {
    Bytes content = content(100_000);
    put(self(), manifest(KEY, content, 1), content);
    put(peers().get(1), manifest(KEY, content, 1), content);
    damage(self(), KEY);

    assertThat(restored(List.of())).isInstanceOf(RestoreResult.Restored.class);
    assertThat(contentAt(self(), KEY)).contains(content);
  }

  @Test
  void copyThatIsWholeStays() {
    Bytes content = content(1000);
    put(self(), manifest(KEY, content, 1), content);
    put(peers().get(0), manifest(KEY, content, 1), content);

    assertThat(restored(List.of()))
        .isInstanceOfSatisfying(
            RestoreResult.NotNeeded.class,
            whole -> assertThat(whole.manifest().etag()).isEqualTo(Versions.sha256(content)));
  }

  @Test
  void damagedPeerIsNoSource() {
    Bytes content = content(100_000);
    put(peers().get(0), manifest(KEY, content, 1), content);
    put(peers().get(1), manifest(KEY, content, 1), content);
    damage(peers().get(0), KEY);

    RestoreResult result = restored(List.of(peers().get(0)));

    assertThat(result)
        .isInstanceOfSatisfying(
            RestoreResult.Restored.class,
            restored -> assertThat(restored.from()).isEqualTo(peers().get(1)));
    assertThat(contentAt(self(), KEY)).contains(content);
  }

  @Test
  void thatNobodyHasItIsAResultWithTheReasonOfEach() {
    Bytes content = content(1000);
    put(peers().get(0), manifest(KEY, content, 1), content);
    damage(peers().get(0), KEY);
    cut(peers().get(1));

    assertThat(restored(List.of()))
        .isInstanceOfSatisfying(
            RestoreResult.NoSource.class,
            none -> {
              assertThat(none.tried()).containsOnlyKeys(peers());
              assertThat(none.tried().values()).noneMatch(String::isBlank);
            });
    assertThat(contentAt(self(), KEY)).isEmpty();
  }

  @Test
  void versionIsNeverReplacedByOneThatItHasSeen() {
    Bytes older = Bytes.utf8("older");
    Bytes newer = Bytes.utf8("newer");
    put(self(), manifest(KEY, newer, 2), newer);
    for (NodeId peer : peers()) {
      put(peer, manifest(KEY, older, 1), older);
    }

    restored(peers());

    assertThat(contentAt(self(), KEY)).contains(newer);
  }

  @Test
  void versionThatIsWantedIsTheOneThatComes() {
    Bytes older = Bytes.utf8("older");
    Bytes newer = Bytes.utf8("newer");
    put(peers().get(0), manifest(KEY, older, 1), older);
    put(peers().get(1), manifest(KEY, newer, 2), newer);

    RestoreResult result =
        Stages.get(
            service()
                .restore(
                    new RestoreRequest(KEY, Optional.of(Versions.sha256(newer)), peers(), LIMIT)),
            soon());

    assertThat(result).isInstanceOf(RestoreResult.Restored.class);
    assertThat(contentAt(self(), KEY)).contains(newer);
  }

  @Test
  void blobIsRestoredOnceHoweverManyAskForIt() {
    Bytes content = content(1 << 20);
    put(peers().get(0), manifest(KEY, content, 1), content);

    List<RestoreResult> results =
        Crowd.all(THREADS, soon(), thread -> restored(List.of(peers().get(0))));

    assertThat(results).noneMatch(RestoreResult.NoSource.class::isInstance);
    assertThat(readsAt(peers().get(0))).isEqualTo(1);
    assertThat(contentAt(self(), KEY)).contains(content);
  }

  @Test
  void repairMakesAllCopiesOfABucketWhole() {
    for (int i = 0; i < 10; i++) {
      Bytes content = content(100 + i);
      BlobKey key = BlobKey.of("bucket", "key-" + i);
      put(peers().get(i % 3), manifest(key, content, 1), content);
      if (i % 2 == 0) {
        put(self(), manifest(key, content, 1), content);
      }
    }
    damage(self(), BlobKey.of("bucket", "key-4"));

    RepairStatus begun = service().repair(Optional.of(KEY.bucket()));

    Eventually.is("the repair ends", soon(), () -> status(begun.id()).endedAt().isPresent());
    RepairStatus ended = status(begun.id());
    assertThat(ended.bucket()).contains(KEY.bucket());
    assertThat(ended.repaired()).isEqualTo(6);
    assertThat(ended.failed()).isZero();
    assertThat(ended.compared()).isGreaterThanOrEqualTo(10);
    for (int i = 0; i < 10; i++) {
      assertThat(contentAt(self(), BlobKey.of("bucket", "key-" + i))).contains(content(100 + i));
    }
  }

  @Test
  void repairsOfLateAreToldTheLatestFirst() {
    RepairStatus first = service().repair(Optional.empty());
    Eventually.is("the first ends", soon(), () -> status(first.id()).endedAt().isPresent());
    RepairStatus second = service().repair(Optional.of(KEY.bucket()));
    Eventually.is("the second ends", soon(), () -> status(second.id()).endedAt().isPresent());

    assertThat(service().repairs())
        .extracting(RepairStatus::id)
        .startsWith(second.id(), first.id());
  }

  @Test
  void lagsNameACopyOfEachNode() {
    assertThat(service().lags()).extracting(ReplicaLag::node).contains(self());
    assertThat(service().lags())
        .filteredOn(ReplicaLag::inSync)
        .allMatch(lag -> lag.pending() == 0 && lag.lag().isZero());
  }

  private RestoreResult restored(List<NodeId> preferred) {
    return Stages.get(
        service().restore(new RestoreRequest(KEY, Optional.empty(), preferred, LIMIT)), soon());
  }

  private RepairStatus status(String id) {
    return service().repairs().stream()
        .filter(status -> status.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static Bytes content(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Bytes.copyOf(bytes);
  }
}
