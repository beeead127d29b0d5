package io.datawarehouse.kernel.keys;

import static io.datawarehouse.kernel.keys.KeyringFixture.CONTENT;
import static io.datawarehouse.kernel.keys.KeyringFixture.blob;
import static io.datawarehouse.kernel.keys.KeyringFixture.make;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.datawarehouse.kernel.keys.KeyOffice.BucketKeyStatus;
import io.datawarehouse.kernel.keys.KeyOffice.MasterKeyStatus;
import io.datawarehouse.kernel.keys.KeyOffice.Rotation;
import io.datawarehouse.kernel.keys.KeyringFixture.Made;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeyringTest {

  private static final BucketName ONE = new BucketName("one");
  private final KeyringFixture fixture = new KeyringFixture();

  // ---- data keys -----------------------------------------------------------------------------

  @Test
  void opensWhatItMadeAlsoAfterARestart() {
    Made made = make(fixture.open(), "one");

    assertThat(made.wrapped().bucketKeyId()).startsWith("one/1-");
    assertThat(made.opensWith(fixture.open())).isTrue();
  }

  @Test
  void everyDataKeyIsAnother() {
    Keyring keyring = fixture.open();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      seen.add(HexFormat.of().formatHex(make(keyring, "one").material()));
    }

    assertThat(seen).hasSize(100);
    assertThat(keyring.status().buckets())
        .singleElement()
        .satisfies(b -> assertThat(b.keys()).hasSize(1));
  }

  @Test
  void wrappingOpensInItsPlaceOnly() {
    Keyring keyring = fixture.open();
    Made made = make(keyring, "one");
    make(keyring, "two");
    WrappedKey wrapped = made.wrapped();

    assertCode(
        StandardErrorCode.BLOB_CORRUPT,
        () -> keyring.open(BlobKey.of("one", "another"), CONTENT, wrapped));
    assertCode(StandardErrorCode.BLOB_CORRUPT, () -> keyring.open(blob("two"), CONTENT, wrapped));
    assertCode(
        StandardErrorCode.BLOB_CORRUPT,
        () -> keyring.open(blob("one"), Bytes.utf8("fedcba9876543210"), wrapped));
    byte[] changed = wrapped.material().toArray();
    changed[changed.length / 2] ^= 1;
    assertCode(
        StandardErrorCode.BLOB_CORRUPT,
        () ->
            keyring.open(
                blob("one"),
                CONTENT,
                new WrappedKey(wrapped.bucketKeyId(), Bytes.copyOf(changed))));
    assertCode(
        StandardErrorCode.KEY_UNAVAILABLE,
        () -> keyring.open(blob("one"), CONTENT, new WrappedKey("one/9-00", wrapped.material())));
  }

  @Test
  void keyIsDurableBeforeAnybodyHasIt() {
    Keyring dying = fixture.open(new FailingStorage(fixture.storage, 0), 16);

    assertCode(StandardErrorCode.STORAGE_FAILED, () -> make(dying, "one"));
    assertThat(fixture.open().status().buckets()).isEmpty();
  }

  @Test
  void firstWritersOfABucketAgreeOnOneKey() throws Exception {
    Keyring keyring = fixture.open();
    int writers = 8;
    CyclicBarrier start = new CyclicBarrier(writers);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Made> made = new ArrayList<>();
    try {
      List<Future<Made>> work = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        work.add(
            threads.submit(
                () -> {
                  start.await(1, TimeUnit.MINUTES);
                  return make(keyring, "one");
                }));
      }
      for (Future<Made> done : work) {
        made.add(done.get(1, TimeUnit.MINUTES));
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(made)
        .extracting(each -> each.wrapped().bucketKeyId())
        .containsOnly(made.get(0).wrapped().bucketKeyId());
    assertThat(made).allMatch(each -> each.opensWith(fixture.open()));
  }

  @Test
  void moreBucketsThanTheCacheHoldsWork() {
    Keyring keyring = fixture.open(fixture.storage, 2);
    List<Made> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(make(keyring, "bucket-" + i));
    }

    assertThat(made).allMatch(each -> each.opensWith(keyring));
    assertThat(fixture.metrics.gauge("keys.cached")).isEqualTo(2);
    keyring.close();
    assertThat(fixture.metrics.gauge("keys.cached")).isZero();
  }

  // ---- rotation ------------------------------------------------------------------------------

  @Test
  void newMasterWrapsAllBucketKeysAndNoBlobKeyChanges() {
    Keyring keyring = fixture.open();
    List<Made> made = List.of(make(keyring, "one"), make(keyring, "two"));
    keyring.rotateBucket(ONE);

    Rotation rotation = keyring.rotateMaster();

    assertThat(rotation.masterKeyId()).isEqualTo("sample-2");
    assertThat(rotation.previousMasterKeyId()).contains("sample-1");
    assertThat(rotation.rewrapped()).isEqualTo(3);
    assertThat(rotation.failed()).isEmpty();
    assertThat(keyring.status().masterKeys())
        .extracting(MasterKeyStatus::id, MasterKeyStatus::state, MasterKeyStatus::bucketKeys)
        .containsExactly(
            tuple("sample-2", KeyState.ACTIVE, 3L), tuple("sample-1", KeyState.RETIRED, 0L));
    assertThat(made).allMatch(each -> each.opensWith(keyring));
    assertThat(made).allMatch(each -> each.opensWith(fixture.open()));
  }

  @Test
  void retiredBucketKeyReadsAndWritesNothingAnyMore() {
    Keyring keyring = fixture.open();
    Made before = make(keyring, "one");
    fixture.clock.advance(Duration.ofHours(1));

    Rotation rotation = keyring.rotateBucket(ONE);

    Made after = make(keyring, "one");
    assertThat(rotation.buckets())
        .singleElement()
        .satisfies(
            bucket -> {
              assertThat(bucket.previousKeyId()).contains(before.wrapped().bucketKeyId());
              assertThat(bucket.keyId())
                  .isEqualTo(after.wrapped().bucketKeyId())
                  .startsWith("one/2-");
            });
    assertThat(statesOf(keyring)).containsExactly(KeyState.RETIRED, KeyState.ACTIVE);
    assertThat(before.opensWith(keyring)).isTrue();
    Keyring again = fixture.open();
    assertThat(before.opensWith(again)).isTrue();
    assertThat(make(again, "one").wrapped().bucketKeyId()).startsWith("one/2-");
  }

  @Test
  void allBucketsRotateAtOnce() {
    Keyring keyring = fixture.open();
    make(keyring, "one");
    make(keyring, "two");

    assertThat(keyring.rotateBuckets().buckets())
        .extracting(bucket -> bucket.bucket().value())
        .containsExactly("one", "two");
  }

  @Test
  void bucketWithoutAKeyCannotBeRotated() {
    assertCode(StandardErrorCode.NOT_FOUND, () -> fixture.open().rotateBucket(ONE));
  }

  @Test
  void rotationThatDiedAnywhereLeavesAllReadableAndIsCompleted() {
    int buckets = 4;
    for (int died = 0; died <= buckets; died++) {
      KeyringFixture node = new KeyringFixture();
      List<Made> made = new ArrayList<>();
      Keyring healthy = node.open();
      for (int i = 0; i < buckets; i++) {
        made.add(make(healthy, "bucket-" + i));
      }
      Keyring dying = node.open(new FailingStorage(node.storage, died), 16);
      if (died < buckets) {
        assertCode(StandardErrorCode.STORAGE_FAILED, dying::rotateMaster);
      } else {
        dying.rotateMaster();
      }

      Keyring again = node.open();
      assertThat(again.verify()).isEmpty();
      assertThat(made).allMatch(each -> each.opensWith(again));
      again.completeRotation();
      assertThat(again.status().masterKeys().get(0).bucketKeys()).isEqualTo(buckets);
      assertThat(made).allMatch(each -> each.opensWith(node.open()));
    }
  }

  @Test
  void keyDestroyedWhileItIsWrappedAnewStaysDestroyed() {
    Keyring keyring = fixture.open();
    make(keyring, "one");
    BucketKeys before = new KeyArchive(fixture.storage).find(ONE);
    BucketKey key = before.active().orElseThrow();

    BucketKeys after =
        before
            .destroyed(fixture.clock.instant())
            .rewrapped(Map.of(key, key.wrapping().orElseThrow()));

    assertThat(after.living()).isEmpty();
  }

  // ---- the end of keys -----------------------------------------------------------------------

  @Test
  void destroyedKeysOpenNothingAndNewWritesGetAnother() {
    Keyring keyring = fixture.open();
    Made first = make(keyring, "one");
    keyring.rotateBucket(ONE);
    Made second = make(keyring, "one");
    Made other = make(keyring, "two");

    assertThat(keyring.destroy(ONE).destroyed())
        .containsExactly(first.wrapped().bucketKeyId(), second.wrapped().bucketKeyId());

    for (Keyring each : List.of(keyring, fixture.open())) {
      assertCode(StandardErrorCode.KEY_DESTROYED, () -> first.opensWith(each));
      assertCode(StandardErrorCode.KEY_DESTROYED, () -> second.opensWith(each));
      assertThat(other.opensWith(each)).isTrue();
    }
    Made third = make(keyring, "one");
    assertThat(third.wrapped().bucketKeyId()).startsWith("one/3-");
    assertThat(third.opensWith(fixture.open())).isTrue();
    assertThat(statesOf(keyring))
        .containsExactly(KeyState.DESTROYED, KeyState.DESTROYED, KeyState.ACTIVE);
  }

  @Test
  void nothingOfADestroyedKeyIsLeftInTheMap() {
    Keyring keyring = fixture.open();
    make(keyring, "one");
    String wrapped =
        Base64.getEncoder()
            .encodeToString(
                new KeyArchive(fixture.storage)
                    .find(ONE)
                    .active()
                    .flatMap(BucketKey::wrapped)
                    .orElseThrow()
                    .toArray());
    assertThat(fixture.storage.get("bucket/one").orElseThrow().asUtf8()).contains(wrapped);

    keyring.destroy(ONE);

    assertThat(fixture.storage.get("bucket/one").orElseThrow().asUtf8()).doesNotContain(wrapped);
    assertCode(StandardErrorCode.NOT_FOUND, () -> keyring.destroy(ONE));
  }

  @Test
  void destructionThatDiedDestroyedNothing() {
    Made made = make(fixture.open(), "one");
    Keyring dying = fixture.open(new FailingStorage(fixture.storage, 0), 16);

    assertCode(StandardErrorCode.STORAGE_FAILED, () -> dying.destroy(ONE));

    assertThat(made.opensWith(fixture.open())).isTrue();
  }

  // ---- a provider that is away, or another one -------------------------------------------------

  @Test
  void providerOutOfReachIsSaidAndFoundAgain() {
    Made made = make(fixture.open(), "one");
    Keyring keyring = fixture.open();
    fixture.vault.reachable(false);

    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> made.opensWith(keyring));
    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> make(keyring, "two"));
    assertThat(keyring.problem())
        .hasValueSatisfying(why -> assertThat(why).contains("out of reach"));
    assertThat(fixture.metrics.gauge("keys.available")).isZero();
    assertThat(keyring.status().problem()).isPresent();
    assertThat(keyring.status().masterKeys()).isEmpty();

    fixture.vault.reachable(true);
    fixture.clock.advance(KeySource.PAUSE);
    assertThat(keyring.problem()).as("asked again beside this answer").isPresent();
    assertThat(keyring.problem()).isEmpty();
    assertThat(made.opensWith(keyring)).isTrue();
  }

  @Test
  void cachedKeysServeWhileTheProviderIsAway() {
    Keyring keyring = fixture.open();
    Made made = make(keyring, "one");
    fixture.vault.reachable(false);

    assertThat(made.opensWith(keyring)).isTrue();
    assertThat(make(keyring, "one").opensWith(keyring)).isTrue();
  }

  @Test
  void anotherMasterKeyOfTheSameNameIsFoundOut() {
    Made made = make(fixture.open(), "one");
    KeyringFixture other = new KeyringFixture();
    Keyring wrong = other.open(fixture.storage, 16);

    assertThat(wrong.inUse()).isTrue();
    assertThat(wrong.verify())
        .singleElement()
        .asString()
        .contains("sample-1", "it is another key of that name");
    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> made.opensWith(wrong));
    assertThat(wrong.rotateMaster().failed()).containsExactly(made.wrapped().bucketKeyId());
    assertThat(made.opensWith(fixture.open())).as("and nothing was lost").isTrue();
  }

  @Test
  void damagedRecordIsLeftAloneAndGetsNoNewKey() {
    make(fixture.open(), "one");
    Bytes damaged = Bytes.utf8("{damaged");
    fixture.storage.put("bucket/one", damaged);

    Keyring keyring = fixture.open();

    assertCode(StandardErrorCode.KEY_UNAVAILABLE, () -> make(keyring, "one"));
    assertThat(keyring.problem()).isPresent();
    assertThat(keyring.inUse()).isTrue();
    assertThat(fixture.storage.get("bucket/one")).contains(damaged);
    assertThat(make(keyring, "two").opensWith(keyring)).isTrue();
  }

  // ---- helpers -------------------------------------------------------------------------------

  private static List<KeyState> statesOf(Keyring keyring) {
    return keyring.status().buckets().stream()
        .filter(bucket -> bucket.bucket().equals(ONE))
        .flatMap(bucket -> bucket.keys().stream())
        .map(BucketKeyStatus::state)
        .toList();
  }

  @Test
  void bucketThatCanHaveNoMoreKeysHoldsUpNoOther() {
    Keyring keyring = fixture.open();
    make(keyring, "full");
    make(keyring, "other");
    for (int i = 1; i < BucketKeys.MOST; i++) {
      keyring.rotateBucket(new BucketName("full"));
    }

    Rotation rotation = keyring.rotateBuckets();

    assertThat(rotation.buckets())
        .extracting(KeyOffice.RotatedBucket::bucket)
        .containsExactly(new BucketName("other"));
    assertThat(rotation.failed()).singleElement().asString().startsWith("full/1000-");
    assertThat(make(keyring, "full").opensWith(keyring)).isTrue();
  }

  @Test
  void recordsOfNoBucketAreLeftAlone() {
    Bytes foreign = Bytes.utf8("whatever");
    fixture.storage.put("bucket/NOT A BUCKET", foreign);

    Keyring keyring = fixture.open();

    assertThat(make(keyring, "one").opensWith(keyring)).isTrue();
    assertThat(fixture.storage.get("bucket/NOT A BUCKET")).contains(foreign);
  }

  @Test
  void rotationsDestructionsAndWritesAtOnceLeaveOneActiveKeyAndAllThatLivesReadable()
      throws Exception {
    Keyring keyring = fixture.open();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    CyclicBarrier begin = new CyclicBarrier(8);
    List<Future<List<Made>>> made = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i;
      made.add(
          threads.submit(
              () -> {
                List<Made> mine = new ArrayList<>();
                begin.await(60, TimeUnit.SECONDS);
                for (int round = 0; round < 20; round++) {
                  mine.add(make(keyring, "busy"));
                  switch (number) {
                    case 0 -> keyring.rotateMaster();
                    case 1 -> keyring.rotateBucket(new BucketName("busy"));
                    case 2 -> keyring.rotateBuckets();
                    case 3 -> destroyOnce(keyring, round);
                    default -> mine.add(make(keyring, "calm"));
                  }
                }
                return mine;
              }));
    }
    List<Made> all = new ArrayList<>();
    for (Future<List<Made>> each : made) {
      all.addAll(each.get(60, TimeUnit.SECONDS));
    }
    threads.shutdownNow();

    Keyring restarted = fixture.open();
    restarted.completeRotation();
    for (KeyOffice.BucketStatus bucket : restarted.status().buckets()) {
      assertThat(bucket.keys()).filteredOn(key -> key.state() == KeyState.ACTIVE).hasSize(1);
    }
    Map<String, KeyState> states = new HashMap<>();
    restarted
        .status()
        .buckets()
        .forEach(bucket -> bucket.keys().forEach(key -> states.put(key.id(), key.state())));
    for (Made each : all) {
      if (states.get(each.wrapped().bucketKeyId()) == KeyState.DESTROYED) {
        assertCode(StandardErrorCode.KEY_DESTROYED, () -> each.opensWith(restarted));
        assertCode(StandardErrorCode.KEY_DESTROYED, () -> each.opensWith(keyring));
      } else {
        assertThat(each.opensWith(restarted)).isTrue();
      }
    }
  }

  private static void destroyOnce(Keyring keyring, int round) {
    if (round == 10) {
      keyring.destroy(new BucketName("busy"));
    }
  }

  private static void assertCode(StandardErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(WarehouseException.class)
        .extracting(e -> ((WarehouseException) e).code())
        .isEqualTo(code);
  }
}
