package io.datawarehouse.kernel.keys;

import static io.datawarehouse.kernel.keys.KeyringFixture.CONTENT;
import static io.datawarehouse.kernel.keys.KeyringFixture.make;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.keys.KeyringFixture.Made;
import io.datawarehouse.plugin.memory.MemoryStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptStorageTest {

  private static final BucketName BUCKET = new BucketName("one");
  private static final byte[] BODY = {1, 2, 3};

  @TempDir Path directory;
  private final KeyringFixture fixture = new KeyringFixture();
  private final MemoryStoragePlugin memory = new MemoryStoragePlugin();
  private FakeKernelContext context;
  private Keyring keyring;
  private KeptStorage store;

  @BeforeEach
  void start() throws Exception {
    context = new FakeKernelContext("storage-memory", directory, Map.of());
    memory.start(context);
    keyring = fixture.open();
    store = new KeptStorage(memory, "memory", keyring);
    StoredBlobs.bucket(store, BUCKET.value());
  }

  @AfterEach
  void stop() throws Exception {
    memory.stop();
    context.close();
  }

  @Test
  void commitsWhileTheKeyLives() {
    Made key = make(keyring, "one");

    try (BlobWriter writer = store.openWriter(key.blob(), OptionalLong.empty())) {
      writer.write(BODY, 0, BODY.length);
      keyring.rotateBucket(BUCKET);
      assertThat(writer.commit(present -> manifest(key)).encoding()).isPresent();
    }
    assertThat(store.findManifest(key.blob())).isPresent();
  }

  @Test
  void commitsNothingWhoseKeyWasDestroyedMeanwhile() {
    Made key = make(keyring, "one");

    try (BlobWriter writer = store.openWriter(key.blob(), OptionalLong.empty())) {
      writer.write(BODY, 0, BODY.length);
      keyring.destroy(BUCKET);
      assertThatThrownBy(() -> writer.commit(present -> manifest(key)))
          .extracting(e -> ((WarehouseException) e).code())
          .isEqualTo(StandardErrorCode.KEY_DESTROYED);
    }
    assertThat(store.findManifest(key.blob())).isEmpty();
  }

  @Test
  void commitsNothingIntoABucketThatWasDeletedAndMadeAgainMeanwhile() {
    Made key = make(keyring, "one");

    try (BlobWriter writer = store.openWriter(key.blob(), OptionalLong.empty())) {
      writer.write(BODY, 0, BODY.length);
      store.deleteBucket(BUCKET);
      StoredBlobs.bucket(store, BUCKET.value());
      assertThatThrownBy(() -> writer.commit(present -> manifest(key)))
          .isInstanceOf(WarehouseException.class);
    }
    assertThat(store.findManifest(key.blob())).isEmpty();
  }

  @Test
  void keysOfABucketThatDiedWhileItWasDeletedAreDropped() {
    make(keyring, "one");
    Keyring dying = fixture.open(new FailingStorage(fixture.storage, 1), 16);
    KeptStorage before = new KeptStorage(memory, "memory", dying);
    assertThatThrownBy(() -> before.deleteBucket(BUCKET)).hasMessage("the node died");
    assertThat(memory.findBucket(BUCKET)).isEmpty();

    Keyring again = fixture.open();
    assertThat(again.status().buckets()).hasSize(1);
    new KeptStorage(memory, "another-store", again);
    assertThat(again.status().buckets()).as("not this store's business").hasSize(1);
    new KeptStorage(memory, "memory", again);
    assertThat(again.status().buckets()).isEmpty();
    assertThat(fixture.storage.keys("")).isEmpty();
  }

  @Test
  void keysOfABucketThatIsStillThereStay() {
    Made key = make(keyring, "one");
    Keyring dying = fixture.open(new FailingStorage(fixture.storage, 1), 16);
    assertThatThrownBy(
            () ->
                dying.drop(
                    BUCKET,
                    "memory",
                    () -> {
                      throw new IllegalStateException("died before it was deleted");
                    }))
        .isInstanceOf(RuntimeException.class);

    Keyring again = fixture.open();
    new KeptStorage(memory, "memory", again);

    assertThat(key.opensWith(again)).isTrue();
    assertThat(fixture.storage.keys("drop/")).isEmpty();
  }

  private static BlobManifest manifest(Made key) {
    BlobKey blob = key.blob();
    return StoredBlobs.manifest(blob, BODY, Map.of())
        .withEncoding(
            List.of("aes-gcm"),
            new ContentEncoding(4096, BODY.length, CONTENT, Optional.of(key.wrapped())));
  }
}
