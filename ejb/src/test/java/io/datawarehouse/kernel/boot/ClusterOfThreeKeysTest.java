package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.keys.KeyOffice.BucketKeyStatus;
import io.datawarehouse.kernel.keys.KeyOffice.Destruction;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three whole kernels in one process destroy keys together. */
class ClusterOfThreeKeysTest {

  private static final BucketName BUCKET = new BucketName("bucket");
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final List<String> KEYS = IntStream.range(0, 24).mapToObj(i -> "k" + i).toList();

  @TempDir Path parent;
  private final List<Kernel> kernels = new ArrayList<>();

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  private Kernel start(String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.founding-nodes", "3");
    settings.put("dw.cluster.discovery.directory", parent.resolve("cluster").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.node.name", name);
    settings.put("dw.storage.pipeline", "aes-gcm");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(new RocksDbStoragePlugin(), new EncryptionPlugin()));
    kernels.add(kernel);
    return kernel;
  }

  @Test
  void destructionReachesAllNodesAndTheOneThatWasAwayWhenItIsBack() {
    Kernel one = start("one");
    Kernel two = start("two");
    Kernel three = start("three");
    await()
        .atMost(LONG)
        .until(() -> outcomes(one, this::write), all -> all.equals(List.of("fine")));
    assertThat(owners(one)).as("nodes with keys").hasSize(3);

    Destruction whole = two.keys().destroy(BUCKET);

    assertThat(whole.missing()).isEmpty();
    assertThat(whole.destroyed()).hasSize(3);
    assertThat(outcomes(three, this::read)).containsExactly("KEY_DESTROYED");

    assertThat(outcomes(one, this::write)).containsExactly("fine");
    assertThat(outcomes(one, this::read)).containsExactly("fine");
    NodeId away = three.nodeId();
    three.stop();
    Destruction part = one.keys().destroy(BUCKET);
    assertThat(part.missing()).containsExactly(away);
    assertThat(part.destroyed()).hasSize(2);
    Kernel back = start("three");
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(outcomes(back, this::read)).containsExactly("KEY_DESTROYED"));
    await().atMost(LONG).until(() -> one.keys().status().missing().isEmpty());
    assertThat(one.keys().rotateMaster().missing()).isEmpty();
  }

  private static List<NodeId> owners(Kernel kernel) {
    return kernel.keys().status().buckets().stream()
        .flatMap(bucket -> bucket.keys().stream())
        .map(BucketKeyStatus::node)
        .flatMap(Optional::stream)
        .distinct()
        .toList();
  }

  @FunctionalInterface
  private interface Deed {
    void on(Kernel kernel, String key);
  }

  /** Returns how it ended for all blobs, each way once. */
  private static List<String> outcomes(Kernel kernel, Deed deed) {
    return List.copyOf(
        new TreeSet<>(
            KEYS.stream()
                .flatMap(
                    key -> {
                      try {
                        deed.on(kernel, key);
                        return Stream.of("fine");
                      } catch (CompletionException e) {
                        return Stream.of(
                            e.getCause() instanceof WarehouseException known
                                ? known.code().name()
                                : e.toString());
                      } catch (WarehouseException e) {
                        return Stream.of(e.code().name());
                      }
                    })
                .toList()));
  }

  private void write(Kernel kernel, String key) {
    kernel
        .bus()
        .request(
            Message.command(
                    StorageTopics.BUCKET_CREATE,
                    Payload.of(
                        new CreateBucket(
                            BUCKET, BucketSettings.none().withPipeline(List.of("aes-gcm")))))
                .build())
        .toCompletableFuture()
        .join();
    BlobKey blob = BlobKey.of(BUCKET.value(), key);
    kernel
        .bus()
        .request(
            Message.command(
                    StorageTopics.WRITE,
                    Payload.of(
                        new WriteBlob(
                            BUCKET,
                            key,
                            "text/plain",
                            Map.of(),
                            List.of(),
                            WriteCondition.none(),
                            Optional.empty())))
                .affinityKey(blob.affinityKey())
                .content(Content.of(Bytes.utf8("what nobody else shall read"), "text/plain"))
                .build())
        .toCompletableFuture()
        .join();
  }

  private void read(Kernel kernel, String key) {
    BlobKey blob = BlobKey.of(BUCKET.value(), key);
    kernel
        .bus()
        .request(
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                .affinityKey(blob.affinityKey())
                .build())
        .toCompletableFuture()
        .join()
        .content()
        .ifPresent(Content::close);
  }
}
