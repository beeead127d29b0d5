package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.plugin.compression.CompressionPlugin;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.plugin.memory.MemoryStoragePlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines with all transformers over a store, and short words for what tests do with them. */
abstract class PipelineFixture {

  static final int FRAME = FrameLayout.FRAME_BYTES;
  static final String BUCKET = "bucket";

  final Random random = new Random(7);
  final MemoryDataKeys keys = new MemoryDataKeys();
  final List<ContentTransformer> transformers = new ArrayList<>();
  final ExecutorService executor = Executors.newFixedThreadPool(3);

  private final List<AutoCloseable> started = new ArrayList<>();
  StoragePluginBase store = new MemoryStoragePlugin();
  ContentPipelines pipelines = pipelines();

  @TempDir private Path directory;

  @BeforeEach
  void start() throws Exception {
    CompressionPlugin compression = new CompressionPlugin();
    EncryptionPlugin encryption = new EncryptionPlugin();
    FakeKernelContext context =
        new FakeKernelContext("compression", directory.resolve("compression"), Map.of());
    started.add(context);
    compression.start(context);
    transformers.addAll(compression.transformers());
    transformers.addAll(encryption.transformers());
    useStore(store);
  }

  @AfterEach
  void stop() throws Exception {
    store.stop();
    for (AutoCloseable one : started) {
      one.close();
    }
    executor.shutdownNow();
  }

  final void useStore(StoragePluginBase other) throws Exception {
    Path home = Files.createDirectories(directory.resolve(other.strategyName()));
    FakeKernelContext context = new FakeKernelContext(other.strategyName(), home, Map.of());
    started.add(context);
    other.start(context);
    store = other;
    StoredBlobs.bucket(store, BUCKET);
  }

  final void useRocksDb() throws Exception {
    store.stop();
    useStore(new RocksDbStoragePlugin());
  }

  final ContentPipelines pipelines() {
    return new ContentPipelines(
        new ContentPipelines.Options(
            () -> List.copyOf(transformers), keys, executor, new SecureRandom(), List.of()));
  }

  static BlobKey key(String key) {
    return BlobKey.of(BUCKET, key);
  }

  /** Returns words that shrink to less than half. */
  final byte[] text(int size) {
    String[] words = {
      "blob ", "frame ", "bucket ", "cluster ", "kernel ", "plugin ", "node ", "\n"
    };
    StringBuilder text = new StringBuilder(size + 16);
    while (text.length() < size) {
      text.append(words[random.nextInt(words.length)]).append(random.nextInt(100));
    }
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) text.charAt(i);
    }
    return bytes;
  }

  final byte[] noise(int size) {
    return StoredBlobs.random(random, size);
  }

  final BlobManifest put(BlobKey key, byte[] content, String... stages) {
    return put(pipelines, key, content, stages);
  }

  final BlobManifest put(ContentPipelines through, BlobKey key, byte[] content, String... stages) {
    List<String> names = List.of(stages);
    try (BlobWriter writer = store.openWriter(key, OptionalLong.empty());
        ContentEncoder encoder = through.encoder(key, names, writer, (bytes, length) -> {})) {
      int at = 0;
      int count;
      do {
        count = Math.min(encoder.frameBytes(), content.length - at);
        System.arraycopy(content, at, encoder.buffer(), 0, count);
        encoder.filled(count);
        at += count;
      } while (count > 0);
      ContentEncoding encoding = encoder.finish();
      return writer.commit(
          present -> StoredBlobs.manifest(key, content, Map.of()).withEncoding(names, encoding));
    }
  }

  final byte[] get(BlobKey key) {
    try (BlobReader reader = store.openReader(key).orElseThrow()) {
      return read(reader, 0, reader.manifest().size());
    }
  }

  final byte[] get(BlobKey key, long offset, long length) {
    try (BlobReader reader = store.openReader(key).orElseThrow()) {
      return read(reader, offset, length);
    }
  }

  private byte[] read(BlobReader reader, long offset, long length) {
    try (InputStream stream = pipelines.open(reader, offset, length)) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final void verify(BlobKey key) {
    try (BlobReader reader = store.openReader(key).orElseThrow()) {
      pipelines.verify(reader, bytes -> {});
    }
  }

  /** Returns the bytes of a blob as they are stored. */
  final byte[] stored(BlobKey key) {
    try (BlobReader reader = store.openReader(key).orElseThrow()) {
      return StoredBlobs.read(reader, 0, reader.manifest().encoding().orElseThrow().length());
    }
  }

  final BlobManifest manifest(BlobKey key) {
    return store.findManifest(key).orElseThrow();
  }

  /** Puts other bytes behind a manifest, which may be changed too. */
  final void forge(BlobKey key, byte[] stored, UnaryOperator<BlobManifest> change) {
    try (BlobWriter writer = store.openWriter(key, OptionalLong.of(stored.length))) {
      writer.write(stored, 0, stored.length);
      writer.commit(present -> change.apply(present.orElseThrow()));
    }
  }

  static WarehouseException failure(StandardErrorCode code, ThrowingCallable call) {
    WarehouseException thrown = Assertions.catchThrowableOfType(WarehouseException.class, call);
    Assertions.assertThat(thrown).as("what the call throws").isNotNull();
    Assertions.assertThat(thrown.code()).as(thrown.detail()).isEqualTo(code);
    return thrown;
  }
}
