package io.datawarehouse.testkit.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.CopyOutcome;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.FederatedWrite;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.federation.FederationWelcome;
import io.datawarehouse.sdk.federation.ReadRequest;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Eventually;
import io.datawarehouse.testkit.contract.Stages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * What a {@link FederationNode} must do. The subclass has two kernels: this one, and a peer whose
 * store it fills and looks into, with a bucket named {@code bucket} without a pipeline.
 */
public abstract class FederationNodeContract {

  private static final BlobKey KEY = BlobKey.of("bucket", "some/key");
  private static final int LARGE = 3 << 20;
  private static final int READS = 6;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Returns the peer as this kernel sees it; the same object in one test. */
  protected abstract FederationNode peer();

  /** Returns a hello by which the peer lets this kernel in. */
  protected abstract FederationHello hello();

  /** Returns the manifest of a version of a blob that has seen all with smaller numbers. */
  protected abstract BlobManifest manifest(BlobKey key, Bytes content, int version);

  /** Puts a version into the store of the peer. */
  protected abstract void put(BlobManifest manifest, Bytes content);

  /** Returns the content of the version that stands at the peer. */
  protected abstract Optional<Bytes> contentAtPeer(BlobKey key);

  /** Damages the content that stands at the peer, behind its back. */
  protected abstract void damage(BlobKey key);

  /** Makes the peer unreachable, without a word. */
  protected abstract void cut();

  /** Makes the peer reachable again. */
  protected abstract void mend();

  /** Returns how long to wait for what has to happen soon; generous, as only a failure needs it. */
  protected Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Test
  void handsAreShakenAndBothAgree() {
    FederationWelcome welcome = shake();

    assertThat(welcome)
        .isInstanceOfSatisfying(
            FederationWelcome.Accepted.class,
            accepted -> {
              assertThat(accepted.nodeId()).isEqualTo(peer().nodeId());
              assertThat(accepted.protocol())
                  .isBetween(hello().oldestProtocol(), hello().newestProtocol());
              assertThat(hello().features()).containsAll(accepted.features());
            });
  }

  @Test
  void strangersAreRefusedAndGetNothing() {
    Bytes content = content(10);
    put(manifest(KEY, content, 1), content);
    FederationHello good = hello();
    FederationHello stranger =
        new FederationHello(
            good.nodeId(),
            good.incarnation(),
            good.clusterName() + "-of-others",
            good.sdk(),
            good.oldestProtocol(),
            good.newestProtocol(),
            good.features());

    FederationWelcome welcome = get(peer().handshake(stranger, LIMIT));

    assertThat(welcome)
        .isInstanceOfSatisfying(
            FederationWelcome.Refused.class,
            refused -> {
              assertThat(refused.cause()).isEqualTo(FederationWelcome.Cause.OTHER_CLUSTER);
              assertThat(refused.detail()).isNotBlank();
            });
    assertThat(fails(peer().manifest(KEY, LIMIT))).isTrue();
    assertThat(fails(peer().openRead(ReadRequest.whole(KEY)))).isTrue();
    assertThat(shake()).isInstanceOf(FederationWelcome.Accepted.class);
    assertThat(get(peer().manifest(KEY, LIMIT))).isPresent();
  }

  @Test
  void kernelsThatSpeakNoCommonProtocolRefuseEachOther() {
    FederationHello good = hello();
    FederationHello future =
        new FederationHello(
            good.nodeId(),
            good.incarnation(),
            good.clusterName(),
            good.sdk(),
            1_000_000,
            1_000_001,
            good.features());

    assertThat(get(peer().handshake(future, LIMIT)))
        .isInstanceOfSatisfying(
            FederationWelcome.Refused.class,
            refused -> assertThat(refused.cause()).isEqualTo(FederationWelcome.Cause.INCOMPATIBLE));
  }

  @Test
  void manifestIsTheOneThatStandsThere() {
    shake();
    Bytes content = content(100);
    BlobManifest manifest = manifest(KEY, content, 1);
    put(manifest, content);

    BlobManifest found = get(peer().manifest(KEY, LIMIT)).orElseThrow();

    assertThat(found.blobKey()).isEqualTo(KEY);
    assertThat(found.etag()).isEqualTo(manifest.etag());
    assertThat(found.size()).isEqualTo(100);
    assertThat(found.context()).isEqualTo(manifest.context());
    assertThat(get(peer().manifest(BlobKey.of("bucket", "none"), LIMIT))).isEmpty();
  }

  @Test
  void contentComesAsItIsWholeAndInParts() {
    shake();
    Bytes content = content(LARGE);
    put(manifest(KEY, content, 1), content);

    assertThat(read(ReadRequest.whole(KEY))).isEqualTo(content);
    for (long[] part :
        new long[][] {{0, 1}, {1, 4096}, {LARGE - 1, 1}, {LARGE / 2, 100_000}, {7, 0}}) {
      try (FederatedRead read = get(peer().openRead(ReadRequest.part(KEY, part[0], part[1])))) {
        assertThat(read.offset()).isEqualTo(part[0]);
        assertThat(read.length()).isEqualTo(part[1]);
        assertThat(read.form()).isEqualTo(ContentForm.PLAIN);
        assertThat(read.stream()).isSameAs(read.stream());
        assertThat(bytes(read)).isEqualTo(part(content, part[0], part[1]));
      }
    }
    assertThat(read(ReadRequest.part(KEY, LARGE - 10, ReadRequest.TO_THE_END)))
        .isEqualTo(part(content, LARGE - 10, 10));
  }

  @Test
  void whatIsNotThereIsATypedError() {
    shake();
    Bytes content = content(10);
    put(manifest(KEY, content, 1), content);

    assertThat(errorOf(ReadRequest.whole(BlobKey.of("bucket", "none"))))
        .isEqualTo(StandardErrorCode.NO_SUCH_BLOB);
    assertThat(errorOf(ReadRequest.whole(KEY).ofVersion("0".repeat(64))))
        .isEqualTo(StandardErrorCode.NO_SUCH_BLOB);
    assertThat(errorOf(ReadRequest.part(KEY, 11, 1)))
        .isEqualTo(StandardErrorCode.RANGE_NOT_SATISFIABLE);
    assertThat(read(ReadRequest.whole(KEY).ofVersion(manifest(KEY, content, 1).etag())))
        .isEqualTo(content);
  }

  @Test
  void damagedContentIsAnErrorAndNeverWrongBytes() {
    shake();
    Bytes content = content(LARGE);
    put(manifest(KEY, content, 1), content);
    damage(KEY);

    assertThat(errorOf(ReadRequest.whole(KEY))).isEqualTo(StandardErrorCode.BLOB_CORRUPT);
  }

  @Test
  void readThatNobodyReadsDoesNotHoldUpOthers() {
    shake();
    Bytes content = content(LARGE);
    put(manifest(KEY, content, 1), content);
    try (FederatedRead slow = get(peer().openRead(ReadRequest.whole(KEY)))) {
      List<Bytes> others = Crowd.all(READS, soon(), thread -> read(ReadRequest.whole(KEY)));

      assertThat(others).hasSize(READS).allMatch(content::equals);
      assertThat(bytes(slow)).isEqualTo(content);
    }
  }

  @Test
  void readMayBeEndedEarlyAndTwice() {
    shake();
    Bytes content = content(LARGE);
    put(manifest(KEY, content, 1), content);
    FederatedRead read = get(peer().openRead(ReadRequest.whole(KEY)));

    read.close();
    read.close();

    assertThat(read(ReadRequest.whole(KEY))).isEqualTo(content);
  }

  @Test
  void copyIsTakenOnceAndIsTheSameThere() {
    shake();
    Bytes content = content(LARGE);
    BlobManifest manifest = manifest(KEY, content, 1);

    assertThat(copied(manifest, content)).isInstanceOf(CopyOutcome.Stored.class);
    assertThat(contentAtPeer(KEY)).contains(content);
    assertThat(copied(manifest, content)).isInstanceOf(CopyOutcome.AlreadyThere.class);
    assertThat(get(peer().manifest(KEY, LIMIT)).orElseThrow().etag()).isEqualTo(manifest.etag());
  }

  @Test
  void olderVersionNeverTakesThePlaceOfOneThatHasSeenIt() {
    shake();
    Bytes older = Bytes.utf8("older");
    Bytes newer = Bytes.utf8("newer");
    put(manifest(KEY, newer, 2), newer);

    assertThat(copied(manifest(KEY, older, 1), older))
        .isInstanceOfSatisfying(
            CopyOutcome.Superseded.class,
            superseded ->
                assertThat(superseded.standing().etag()).isEqualTo(manifest(KEY, newer, 2).etag()));
    assertThat(contentAtPeer(KEY)).contains(newer);
    Bytes newest = Bytes.utf8("newest");
    assertThat(copied(manifest(KEY, newest, 3), newest)).isInstanceOf(CopyOutcome.Stored.class);
    assertThat(contentAtPeer(KEY)).contains(newest);
  }

  @Test
  void copyThatIsNotWhatWasAnnouncedLeavesNothing() {
    shake();
    Bytes content = content(1000);
    BlobManifest manifest = manifest(KEY, content, 1);

    assertThat(errorOfCopy(manifest, part(content, 0, 999)))
        .isIn(StandardErrorCode.CONTENT_LENGTH_MISMATCH, StandardErrorCode.DIGEST_MISMATCH);
    assertThat(contentAtPeer(KEY)).isEmpty();
    byte[] wrong = content.toArray();
    wrong[500] ^= 1;
    assertThat(errorOfCopy(manifest, Bytes.copyOf(wrong)))
        .isEqualTo(StandardErrorCode.DIGEST_MISMATCH);
    assertThat(contentAtPeer(KEY)).isEmpty();
  }

  @Test
  void copyThatIsNotCommittedLeavesNothing() {
    shake();
    Bytes content = content(1000);
    FederatedWrite write = peer().openWrite(manifest(KEY, content, 1), ContentForm.PLAIN, LIMIT);
    assertThat(write.manifest()).isEqualTo(manifest(KEY, content, 1));
    assertThat(write.form()).isEqualTo(ContentForm.PLAIN);
    write.write(content.toArray(), 0, 1000);

    write.close();
    write.close();

    assertThat(get(peer().manifest(KEY, LIMIT))).isEmpty();
    assertThat(contentAtPeer(KEY)).isEmpty();
  }

  @Test
  void arrayIsTheCallersAgainAfterEachWrite() {
    shake();
    Bytes content = content(100_000);
    byte[] buffer = new byte[1000];
    try (FederatedWrite write =
        peer().openWrite(manifest(KEY, content, 1), ContentForm.PLAIN, LIMIT)) {
      byte[] all = content.toArray();
      for (int from = 0; from < all.length; from += buffer.length) {
        System.arraycopy(all, from, buffer, 0, buffer.length);
        write.write(buffer, 0, buffer.length);
        Arrays.fill(buffer, (byte) 0);
      }
      assertThatThrownBy(() -> write.write(buffer, 999, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(get(write.commit())).isInstanceOf(CopyOutcome.Stored.class);
    }

    assertThat(contentAtPeer(KEY)).contains(content);
  }

  @Test
  void peerThatIsAwayIsATypedErrorAndUsableAgainLater() {
    shake();
    Bytes content = content(1000);
    put(manifest(KEY, content, 1), content);
    cut();

    assertThat(Stages.errorOf(peer().manifest(KEY, Duration.ofSeconds(1)), soon()))
        .isIn(
            StandardErrorCode.UNAVAILABLE,
            StandardErrorCode.TIMEOUT,
            StandardErrorCode.CIRCUIT_OPEN);
    mend();

    Eventually.is(
        "the peer answers again",
        soon(),
        () -> !fails(peer().handshake(hello(), LIMIT)) && !fails(peer().manifest(KEY, LIMIT)));
    assertThat(read(ReadRequest.whole(KEY))).isEqualTo(content);
  }

  @Test
  void closedTwiceIsNoError() {
    shake();
    peer().close();
    peer().close();

    assertThat(fails(peer().manifest(KEY, Duration.ofSeconds(1)))).isTrue();
  }

  private FederationWelcome shake() {
    return get(peer().handshake(hello(), LIMIT));
  }

  private Bytes read(ReadRequest request) {
    try (FederatedRead read = get(peer().openRead(request))) {
      return bytes(read);
    }
  }

  /** Returns the code that opening or reading ends with. */
  private ErrorCode errorOf(ReadRequest request) {
    try (FederatedRead read = peer().openRead(request).toCompletableFuture().join()) {
      Bytes bytes = bytes(read);
      throw new AssertionError("read " + bytes.size() + " bytes of " + request);
    } catch (CompletionException e) {
      return ((WarehouseException) e.getCause()).code();
    } catch (WarehouseException e) {
      return e.code();
    }
  }

  private CopyOutcome copied(BlobManifest manifest, Bytes content) {
    try (FederatedWrite write = peer().openWrite(manifest, ContentForm.PLAIN, LIMIT)) {
      send(write, content);
      return get(write.commit());
    }
  }

  private ErrorCode errorOfCopy(BlobManifest manifest, Bytes content) {
    try (FederatedWrite write = peer().openWrite(manifest, ContentForm.PLAIN, LIMIT)) {
      send(write, content);
      return Stages.errorOf(write.commit(), soon());
    } catch (WarehouseException e) {
      return e.code();
    }
  }

  private static void send(FederatedWrite write, Bytes content) {
    byte[] all = content.toArray();
    for (int from = 0; from < all.length; from += 10_000) {
      write.write(all, from, Math.min(10_000, all.length - from));
    }
  }

  private <T> T get(CompletionStage<T> stage) {
    return Stages.get(stage, soon());
  }

  private boolean fails(CompletionStage<?> stage) {
    return Stages.get(stage.handle((value, thrown) -> thrown != null), soon());
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

  private static Bytes part(Bytes content, long offset, long length) {
    int from = (int) offset;
    return Bytes.copyOf(Arrays.copyOfRange(content.toArray(), from, from + (int) length));
  }
}
