package io.datawarehouse.plugin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.plugin.PluginManifest.Necessity;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryStoragePluginTest {

  private final MemoryStoragePlugin plugin = new MemoryStoragePlugin();
  private FakeKernelContext context;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    context = new FakeKernelContext("storage-memory", directory, Map.of("max.bytes", "1000"));
    plugin.start(context);
  }

  @AfterEach
  void stop() throws Exception {
    plugin.stop();
    context.close();
  }

  @Test
  void isOptionalAndNamesItsStrategy() {
    assertThat(plugin.manifest().necessity()).isEqualTo(Necessity.OPTIONAL);
    assertThat(plugin.strategyName()).isEqualTo("memory");
  }

  @Test
  void refusesWhatDoesNotFitAndCountsWhatIsGivenBack() {
    BucketName bucket = StoredBlobs.bucket(plugin, "small");
    BlobKey key = new BlobKey(bucket, "k");
    StoredBlobs.put(plugin, key, new byte[600]);
    assertThatThrownBy(() -> StoredBlobs.put(plugin, new BlobKey(bucket, "l"), new byte[401]))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.DISK_FULL);
              assertThat(e).hasMessageContaining("max.bytes");
            });
    assertThat(context.metrics().gauge("store.memory.bytes")).isEqualTo(600);
    try (BlobWriter aborted = plugin.openWriter(key, OptionalLong.empty())) {
      aborted.write(new byte[400], 0, 400);
      assertThat(context.metrics().gauge("store.memory.bytes")).isEqualTo(1000);
    }
    StoredBlobs.put(plugin, key, new byte[300]);
    assertThat(context.metrics().gauge("store.memory.bytes")).isEqualTo(300);
    plugin.delete(key, version -> {});
    assertThat(context.metrics().gauge("store.memory.bytes")).isZero();
  }

  @Test
  void isUnavailableOnceItStopped() throws Exception {
    plugin.stop();
    assertThatThrownBy(plugin::buckets)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.UNAVAILABLE));
  }
}
