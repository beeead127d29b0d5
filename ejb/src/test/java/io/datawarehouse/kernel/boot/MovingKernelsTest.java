package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.audit.AuditEntry;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.rebalance.PlanState;
import io.datawarehouse.kernel.rebalance.RebalancePlan;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
import io.datawarehouse.plugin.compression.CompressionPlugin;
import io.datawarehouse.plugin.encryption.EncryptionPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole kernels of one cluster, each with its own disk and keys, between which blobs move. */
class MovingKernelsTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int KEYS = 120;

  @TempDir private Path parent;
  private final List<Kernel> kernels = new ArrayList<>();
  private final Map<String, byte[]> written = new ConcurrentHashMap<>();

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  private Kernel start(String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.node.name", name);
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.bind", "127.0.0.1");
    settings.put("dw.cluster.transport", "plain");
    settings.put("dw.cluster.discovery.directory", parent.resolve("meet").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.rebalance.grace", "1s");
    settings.put("dw.scrub.rate", "0");
    settings.put("dw.storage.pipeline", "zstd,aes-gcm");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(
                new RocksDbStoragePlugin(),
                new CompressionPlugin(),
                new EncryptionPlugin(),
                new RoundRobinPlugin(),
                new LeastConnectionsPlugin()));
    kernels.add(kernel);
    return kernel;
  }

  private static Reply ask(Kernel kernel, Message.Builder message) throws Exception {
    return kernel
        .bus()
        .request(message.build())
        .toCompletableFuture()
        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static byte[] contentOf(String key, int version) {
    Random random = new Random(31L * key.hashCode() + version);
    byte[] content = new byte[version % 5 == 0 ? 200_000 : random.nextInt(5_000)];
    random.nextBytes(content);
    return content;
  }

  private BlobManifest write(Kernel at, String key, int version) throws Exception {
    byte[] content = contentOf(key, version);
    BlobManifest manifest =
        ask(
                at,
                Message.command(
                        StorageTopics.WRITE,
                        Payload.of(
                            new WriteBlob(
                                BUCKET,
                                key,
                                "text/plain",
                                Map.of("version", "" + version),
                                List.of(),
                                WriteCondition.none(),
                                Optional.empty())))
                    .affinityKey(new BlobKey(BUCKET, key).affinityKey())
                    .content(
                        Content.of(
                            Bytes.copyOf(content).asInputStream(),
                            OptionalLong.of(content.length),
                            "text/plain")))
            .as(BlobWritten.class)
            .manifest();
    written.put(key, content);
    return manifest;
  }

  private byte[] read(Kernel at, String key) throws Exception {
    Reply reply =
        ask(
            at,
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                .affinityKey(new BlobKey(BUCKET, key).affinityKey()));
    try (Content content = reply.content().orElseThrow()) {
      return content.stream().readAllBytes();
    }
  }

  @Test
  void blobsMoveToANodeThatJoinsWhileClientsGoOn() throws Exception {
    Kernel first = start("node-1");
    ask(
        first,
        Message.command(
            StorageTopics.BUCKET_CREATE,
            Payload.of(new CreateBucket(BUCKET, BucketSettings.none()))));
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> write(first, "key-0", 0).size() >= 0);
    for (int i = 1; i < KEYS; i++) {
      BlobManifest unused = write(first, "key-" + i, 0);
    }
    Kernel second = start("node-2");
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> first.cluster().membership().view().active().size() == 2);

    // The two have met on the bus, too.
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> Arrays.equals(read(second, "key-0"), written.get("key-0")));
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> second.rebalance().preview(OptionalInt.empty(), "the test").totalBytes() > 0);
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService clients = Executors.newFixedThreadPool(3);
    RebalancePlan late = second.rebalance().preview(OptionalInt.empty(), "the test");
    assertThat(List.of(first, second))
        .extracting(kernel -> kernel.clusterOffice().topologyId())
        .containsOnly(late.topologyId());
    try {
      for (int client = 0; client < 3; client++) {
        int number = client;
        clients.execute(() -> goOn(number, over, failures));
      }
      RebalancePlan plan = second.rebalance().preview(OptionalInt.empty(), "the test");
      assertThat(plan.totalBytes()).isPositive();
      second.rebalance().start(plan.id(), "the test");
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(second.rebalance().plan(plan.id()).state())
                      .as(second.rebalance().plan(plan.id()).reason())
                      .isEqualTo(PlanState.DONE));
    } finally {
      over.set(true);
      clients.shutdown();
      assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(failures).isEmpty();
    requireEverything(first, second);
    requireOutdated(late, first, second);
    assertThat(second.audit().list(0, 100).entries())
        .filteredOn(entry -> entry.action().equals("cluster.plan.started"))
        .extracting(AuditEntry::principal)
        .containsExactly("the test");
  }

  private static void requireOutdated(RebalancePlan late, Kernel first, Kernel second) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(first.clusterOffice().topologyId())
                    .isEqualTo(second.clusterOffice().topologyId())
                    .isGreaterThan(late.topologyId()));
    assertThatThrownBy(() -> second.rebalance().start(late.id(), "the test"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.TOPOLOGY_CHANGED));
  }

  /** Writes keys of its own and reads them through any node. */
  private void goOn(int client, AtomicBoolean over, List<Throwable> failures) {
    Random random = new Random(client);
    for (int round = 1; !over.get(); round++) {
      String key = "key-" + (random.nextInt(KEYS / 3) * 3 + client);
      try {
        BlobManifest unused = write(kernels.get(random.nextInt(2)), key, round);
        byte[] seen = read(kernels.get(random.nextInt(2)), key);
        if (!Arrays.equals(seen, written.get(key))) {
          throw new AssertionError(key + " is not what was written last");
        }
      } catch (Exception | AssertionError e) {
        failures.add(e);
      }
    }
  }

  private void requireEverything(Kernel first, Kernel second) throws Exception {
    for (Kernel at : List.of(first, second)) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(read(at, "key-" + i)).as("key-" + i).isEqualTo(written.get("key-" + i));
      }
      assertThat(
              ask(
                      at,
                      Message.query(
                          StorageTopics.LIST,
                          Payload.of(
                              new ListBlobs(
                                  BUCKET, "", Optional.empty(), Optional.empty(), 1_000))))
                  .as(BlobListing.class)
                  .blobs())
          .hasSize(KEYS)
          .extracting(blob -> blob.owners().get(0))
          .contains(new NodeId("node-1"), new NodeId("node-2"));
      assertThat(
              ask(
                      at,
                      Message.query(
                          StorageTopics.BUCKET_DESCRIBE, Payload.of(new DescribeBucket(BUCKET))))
                  .as(BucketDescription.class)
                  .usage()
                  .blobCount())
          .isEqualTo(KEYS);
    }
  }
}
