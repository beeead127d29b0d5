package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.CopyOutcome;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.ContentSource;
import io.datawarehouse.sdk.p2p.CopyReport;
import io.datawarehouse.sdk.p2p.P2PDataDistribution;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What a {@link P2PDataDistribution} must do. The subclass has three peers whose stores it fills
 * and looks into, each with a bucket named {@code bucket} without a pipeline.
 */
public abstract class P2PDataDistributionContract {

  private static final BlobKey KEY = BlobKey.of("bucket", "some/key");
  private static final int HUGE = 48 << 20;
  private static final int BOUND = 24 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Returns the distribution under test, the same object in one test. */
  protected abstract P2PDataDistribution distribution();

  /** Returns the three peers. */
  protected abstract List<NodeId> peers();

  /** Returns the manifest of a version of a blob that has seen all with smaller numbers. */
  protected abstract BlobManifest manifest(BlobKey key, Bytes content, int version);

  /** Puts a version into the store of a peer. */
  protected abstract void put(NodeId peer, BlobManifest manifest, Bytes content);

  /** Returns the content of the version that stands at a peer. */
  protected abstract Optional<Bytes> contentAt(NodeId peer, BlobKey key);

  /** Damages the content that stands at a peer, behind its back. */
  protected abstract void damage(NodeId peer, BlobKey key);

  /** Makes a peer unreachable, without a word. */
  protected abstract void cut(NodeId peer);

  /** Lets a peer take no content any more, as if its disk stood still, until {@link #release}. */
  protected abstract void hold(NodeId peer);

  /** Lets all peers take content again. */
  protected abstract void release();

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(40);
  }

  @Test
  void copyReachesAllTargets() {
    Bytes content = content(1 << 20);
    BlobManifest manifest = manifest(KEY, content, 1);

    CopyReport report = distributed(manifest, content, 3);

    assertThat(report.done()).isEqualTo(3);
    for (NodeId peer : peers()) {
      assertThat(contentAt(peer, KEY)).as("at %s", peer).contains(content);
      assertThat(report.copies())
          .filteredOn(copy -> copy.target().equals(peer))
          .singleElement()
          .isInstanceOfSatisfying(
              CopyReport.Copy.Done.class,
              done -> assertThat(done.outcome()).isInstanceOf(CopyOutcome.Stored.class));
    }
  }

  @Test
  void targetThatIsAwayIsALineOfTheReport() {
    cut(peers().get(1));
    Bytes content = content(1000);

    CopyReport report = distributed(manifest(KEY, content, 1), content, 3);

    assertThat(report.done()).isEqualTo(2);
    assertThat(report.copies())
        .filteredOn(copy -> copy.target().equals(peers().get(1)))
        .singleElement()
        .isInstanceOfSatisfying(
            CopyReport.Copy.Failed.class,
            failed -> {
              assertThat(failed.code())
                  .isIn(
                      StandardErrorCode.UNAVAILABLE,
                      StandardErrorCode.TIMEOUT,
                      StandardErrorCode.CIRCUIT_OPEN);
              assertThat(failed.detail()).isNotBlank();
            });
  }

  @Test
  void slowTargetDoesNotHoldUpTheOthers() {
    Bytes content = content(1 << 20);
    hold(peers().get(0));
    try {
      CopyReport report = distributed(manifest(KEY, content, 1), content, 2);

      assertThat(report.done()).isGreaterThanOrEqualTo(2);
      assertThat(contentAt(peers().get(1), KEY)).contains(content);
      assertThat(contentAt(peers().get(2), KEY)).contains(content);
      assertThat(contentAt(peers().get(0), KEY)).as("the slow one is not counted").isEmpty();
    } finally {
      release();
    }
    Eventually.is(
        "the copy that was under way goes on",
        soon(),
        () -> contentAt(peers().get(0), KEY).isPresent());
  }

  @Test
  void noneIsEnoughAtOnce() {
    Bytes content = content(1000);
    hold(peers().get(0));
    hold(peers().get(1));
    hold(peers().get(2));
    try {
      assertThat(distributed(manifest(KEY, content, 1), content, 0).done()).isZero();
    } finally {
      release();
    }
  }

  @Test
  void contentIsStreamedThoughATargetTakesNothing() {
    AtomicLong read = new AtomicLong();
    Bytes sample = content(1000);
    BlobManifest manifest = huge(manifest(KEY, sample, 1));
    hold(peers().get(0));
    try {
      CompletionStage<CopyReport> report =
          distribution()
              .distribute(
                  manifest,
                  (offset, length) -> counted(length, read),
                  ContentForm.PLAIN,
                  peers().subList(0, 1),
                  1,
                  Duration.ofSeconds(2));

      CopyReport ended = get(report);

      assertThat(ended.done()).isZero();
      assertThat(read).as("bytes that were read ahead of the target").hasValueLessThan(BOUND);
    } finally {
      release();
    }
  }

  @Test
  void repeatingDoesNoHarm() {
    Bytes content = content(1000);
    BlobManifest manifest = manifest(KEY, content, 1);
    distributed(manifest, content, 3);

    CopyReport again = distributed(manifest, content, 3);

    assertThat(again.copies())
        .hasSize(3)
        .allSatisfy(
            copy ->
                assertThat(((CopyReport.Copy.Done) copy).outcome())
                    .isInstanceOf(CopyOutcome.AlreadyThere.class));
  }

  @Test
  void versionThatHasSeenItStays() {
    Bytes older = Bytes.utf8("older");
    Bytes newer = Bytes.utf8("newer");
    put(peers().get(0), manifest(KEY, newer, 2), newer);

    CopyReport report = distributed(manifest(KEY, older, 1), older, 3);

    assertThat(report.done()).isEqualTo(3);
    assertThat(contentAt(peers().get(0), KEY)).contains(newer);
    assertThat(contentAt(peers().get(1), KEY)).contains(older);
  }

  @Test
  void contentIsFetchedFromTheFirstThatCanGiveIt() {
    Bytes content = content(100_000);
    put(peers().get(1), manifest(KEY, content, 1), content);
    put(peers().get(2), manifest(KEY, content, 1), content);
    cut(peers().get(1));

    try (FederatedRead read = get(distribution().fetch(ReadRequest.whole(KEY), peers()))) {
      assertThat(bytes(read)).isEqualTo(content);
    }
    ReadRequest part = ReadRequest.part(KEY, 50_000, 10);
    try (FederatedRead read = get(distribution().fetch(part, peers()))) {
      assertThat(read.offset()).isEqualTo(50_000);
      assertThat(bytes(read)).isEqualTo(part(content, 50_000, 10));
    }
  }

  @Test
  void damagedSourceIsFollowedByTheNext() {
    Bytes content = content(100_000);
    put(peers().get(0), manifest(KEY, content, 1), content);
    put(peers().get(1), manifest(KEY, content, 1), content);
    damage(peers().get(0), KEY);

    try (FederatedRead read = get(distribution().fetch(ReadRequest.whole(KEY), peers()))) {
      assertThat(bytes(read)).isEqualTo(content);
    }
  }

  @Test
  void thatNobodyHasItIsToldFromThatSomeCouldNotBeAsked() {
    assertThat(Stages.errorOf(distribution().fetch(ReadRequest.whole(KEY), peers()), soon()))
        .isEqualTo(StandardErrorCode.NO_SUCH_BLOB);
    cut(peers().get(1));
    assertThat(Stages.errorOf(distribution().fetch(ReadRequest.whole(KEY), peers()), soon()))
        .isEqualTo(StandardErrorCode.UNAVAILABLE);
  }

  @Test
  void versionsAreLocatedAtThoseThatAnswer() {
    Bytes one = Bytes.utf8("one");
    Bytes two = Bytes.utf8("two");
    put(peers().get(0), manifest(KEY, one, 1), one);
    put(peers().get(1), manifest(KEY, two, 2), two);
    put(peers().get(2), manifest(KEY, two, 2), two);
    cut(peers().get(2));

    Map<NodeId, BlobManifest> found =
        get(distribution().locate(KEY, peers(), Duration.ofSeconds(2)));

    assertThat(found).containsOnlyKeys(peers().get(0), peers().get(1));
    assertThat(found.get(peers().get(1)).etag()).isEqualTo(manifest(KEY, two, 2).etag());
    assertThat(
            get(
                distribution()
                    .locate(BlobKey.of("bucket", "none"), peers(), Duration.ofSeconds(2))))
        .isEmpty();
  }

  private CopyReport distributed(BlobManifest manifest, Bytes content, int enough) {
    return get(
        distribution()
            .distribute(manifest, source(content), ContentForm.PLAIN, peers(), enough, LIMIT));
  }

  private static ContentSource source(Bytes content) {
    byte[] bytes = content.toArray();
    return (offset, length) -> new ByteArrayInputStream(bytes, (int) offset, (int) length);
  }

  private static BlobManifest huge(BlobManifest small) {
    return new BlobManifest(
        small.bucket(),
        small.key(),
        HUGE,
        HUGE,
        small.contentType(),
        small.etag(),
        small.context(),
        small.createdAt(),
        small.lastModified(),
        small.tags(),
        small.owners(),
        small.segment(),
        small.pipeline(),
        false);
  }

  private static InputStream counted(long length, AtomicLong count) {
    return new InputStream() {
      private long left = length;

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0];
      }

      @Override
      public int read(byte[] target, int offset, int most) {
        if (left == 0) {
          return -1;
        }
        int given = (int) Math.min(left, most);
        left -= given;
        count.addAndGet(given);
        return given;
      }
    };
  }

  private <T> T get(CompletionStage<T> stage) {
    return Stages.get(stage, soon());
  }

  private static Bytes bytes(FederatedRead read) {
    try {
      return Bytes.copyOf(read.stream().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Bytes content(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Bytes.copyOf(bytes);
  }

  private static Bytes part(Bytes content, int offset, int length) {
    byte[] part = new byte[length];
    System.arraycopy(content.toArray(), offset, part, 0, length);
    return Bytes.copyOf(part);
  }
}
