package io.datawarehouse.kernel.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three whole kernels in one process, one of which has what everybody reads. */
class HotKernelsTest {

  private static final Duration LONG = Duration.ofMinutes(3);
  private static final String KEY = "everybody's";
  private static final int READS = 40;

  @TempDir Path parent;
  private final List<Kernel> kernels = new ArrayList<>();

  @BeforeEach
  void startThree() {
    start("one", "east");
    start("two", "east");
    start("three", "west");
  }

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  private void start(String name, String zone) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.founding-nodes", "3");
    settings.put("dw.cluster.discovery.directory", parent.resolve("cluster").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.node.name", name);
    settings.put("dw.node.zone", zone);
    settings.put("dw.storage.pipeline", "none");
    settings.put("dw.load-balancing.mode", "automatic");
    settings.put("dw.load-balancing.hot-shard-detection", "true");
    settings.put("dw.load-balancing.hot-shard-threshold", "5");
    settings.put("dw.load-balancing.aggressiveness", "aggressive");
    settings.put("dw.load-balancing.load-window", "10s");
    kernels.add(
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(new RocksDbStoragePlugin(), new RoundRobinPlugin())));
  }

  private static Reply ask(Kernel kernel, Message.Builder message) {
    return kernel.bus().request(message.build()).toCompletableFuture().join();
  }

  /** Returns who owns the key. */
  private NodeId write(BucketName bucket, int version) {
    return ask(
            kernels.get(0),
            Message.command(
                    StorageTopics.WRITE,
                    Payload.of(
                        new WriteBlob(
                            bucket,
                            KEY,
                            "text/plain",
                            Map.of(),
                            List.of(),
                            WriteCondition.none(),
                            Optional.empty())))
                .affinityKey(new BlobKey(bucket, KEY).affinityKey())
                .content(Content.of(Bytes.utf8("" + version), "text/plain")))
        .as(BlobWritten.class)
        .manifest()
        .owners()
        .get(0);
  }

  /** Reads, and checks that the version is at least that; returns who answered. */
  private static NodeId read(Kernel at, BucketName bucket, int least) {
    Reply reply =
        ask(
            at,
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(bucket, KEY, Optional.empty(), ReadCondition.none())))
                .affinityKey(new BlobKey(bucket, KEY).affinityKey()));
    try (Content content = reply.content().orElseThrow()) {
      String text = new String(content.stream().readAllBytes(), UTF_8);
      assertThat(Integer.parseInt(text)).as("read at %s", at.nodeId()).isEqualTo(least);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reply.handledBy().orElseThrow();
  }

  /** Reads through all nodes; returns who answered by itself, without being the owner. */
  private Set<NodeId> copying(BucketName bucket, NodeId owner, int version) {
    Set<NodeId> copying = new HashSet<>();
    for (int i = 0; i < READS; i++) {
      for (Kernel kernel : kernels) {
        NodeId answering = read(kernel, bucket, version);
        assertThat(answering).isIn(owner, kernel.nodeId());
        if (!answering.equals(owner)) {
          copying.add(answering);
        }
      }
    }
    return copying;
  }

  /** Waits until the cluster has come together. */
  private static <T> T whenReady(Callable<T> work) {
    return await().atMost(LONG).ignoreExceptions().until(work, Objects::nonNull);
  }

  private NodeId make(BucketName bucket, Optional<String> options) {
    whenReady(
        () ->
            ask(
                kernels.get(0),
                Message.command(
                    StorageTopics.BUCKET_CREATE,
                    Payload.of(new CreateBucket(bucket, BucketSettings.none())))));
    options.ifPresent(
        text ->
            whenReady(
                () ->
                    ask(
                        kernels.get(1),
                        Message.command(
                            StorageTopics.BUCKET_SHARDING,
                            Payload.of(
                                new ChangeSharding(
                                    bucket,
                                    "geographic",
                                    Optional.of(
                                        Json.read(
                                            text.getBytes(UTF_8), ShardingOptions.class))))))));
    return whenReady(() -> write(bucket, 0));
  }

  @Test
  void everybodyServesWhatIsHotAndNobodyWhatIsOldOrForbidden() {
    BucketName free = new BucketName("free");
    BucketName bound = new BucketName("bound");
    NodeId freeOwner = make(free, Optional.empty());
    NodeId boundOwner = make(bound, Optional.of("{\"residency\": {\"zones\": [\"east\"]}}"));
    Set<NodeId> all = new HashSet<>(kernels.stream().map(Kernel::nodeId).toList());
    Set<NodeId> freeOthers = new HashSet<>(all);
    freeOthers.remove(freeOwner);
    NodeId boundOther = kernels.get(boundOwner.equals(kernels.get(0).nodeId()) ? 1 : 0).nodeId();

    await().atMost(LONG).until(() -> copying(free, freeOwner, 0).equals(freeOthers));
    await().atMost(LONG).until(() -> copying(bound, boundOwner, 0).equals(Set.of(boundOther)));

    for (int version = 1; version <= 20; version++) {
      write(free, version);
      write(bound, version);
      for (Kernel kernel : kernels) {
        read(kernel, free, version);
        NodeId answering = read(kernel, bound, version);
        assertThat(answering).isIn(boundOwner, boundOther);
      }
    }
  }
}
