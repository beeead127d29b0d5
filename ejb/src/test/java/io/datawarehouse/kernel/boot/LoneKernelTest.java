package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.cluster.ClusterOffice;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
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
import io.datawarehouse.sdk.message.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three whole kernels in one process end, and one comes back alone; later another one. */
class LoneKernelTest {

  private static final BucketName BUCKET = new BucketName("photos");
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
    settings.put("dw.cluster.bind", "127.0.0.1");
    settings.put("dw.cluster.transport", "plain");
    settings.put("dw.cluster.founding-nodes", "3");
    settings.put("dw.cluster.discovery.directory", parent.resolve("cluster").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.node.name", name);
    settings.put("dw.storage.pipeline", "none");
    settings.put("dw.scrub.rate", "0");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(new RocksDbStoragePlugin()));
    kernels.add(kernel);
    return kernel;
  }

  /** Starts three, fills them, and stops them all; returns the identities. */
  private Map<String, NodeId> endCluster() {
    Map<String, Kernel> three = new HashMap<>();
    for (String name : List.of("one", "two", "three")) {
      three.put(name, start(name));
    }
    Kernel one = three.get("one");
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(
            () -> {
              command(one, StorageTopics.BUCKET_CREATE, new CreateBucket(BUCKET, none()));
              KEYS.forEach(key -> write(one, key));
              return true;
            });
    await()
        .atMost(LONG)
        .until(
            () ->
                three.values().stream()
                    .allMatch(kernel -> kernel.clusterOffice().voters().size() == 3));
    Map<String, NodeId> identities = new HashMap<>();
    three.forEach((name, kernel) -> identities.put(name, kernel.nodeId()));
    three.values().forEach(Kernel::stop);
    return identities;
  }

  @Test
  void oneOfThreeThatIsStartedAloneServesWhatItOwnsAndChangesNothingThatIsAgreedOn() {
    Map<String, NodeId> nodes = endCluster();

    Kernel alone = start("one");

    assertThat(alone.conditions().withoutOwners()).isEmpty();
    NodeId self = nodes.get("one");
    List<String> own = KEYS.stream().filter(key -> owner(alone, key).equals(self)).toList();
    List<String> others = KEYS.stream().filter(key -> !own.contains(key)).toList();
    assertThat(own).isNotEmpty();
    assertThat(others).isNotEmpty();
    own.forEach(key -> assertThat(read(alone, key)).isEqualTo("content of " + key));
    own.forEach(key -> write(alone, key));
    others.forEach(key -> assertCode(StandardErrorCode.OWNER_UNAVAILABLE, () -> read(alone, key)));
    assertThat(
            alone
                .bus()
                .request(Message.query(StorageTopics.BUCKET_LIST, Payload.empty()).build())
                .toCompletableFuture()
                .join()
                .as(BucketList.class)
                .buckets())
        .extracting(BucketDescription::name)
        .containsExactly(BUCKET);
    assertThat(
            query(alone, StorageTopics.BUCKET_DESCRIBE, new DescribeBucket(BUCKET))
                .as(BucketDescription.class)
                .missing())
        .containsExactlyInAnyOrder(nodes.get("two"), nodes.get("three"));
    assertCode(
        StandardErrorCode.UNAVAILABLE,
        () ->
            command(
                alone,
                StorageTopics.BUCKET_CREATE,
                new CreateBucket(new BucketName("another"), none())));
  }

  @Test
  void voteOfANodeThatIsForgottenCanBeGivenUpAndIsGivenBackToIt() {
    Map<String, NodeId> nodes = endCluster();
    Kernel one = start("one");
    Kernel two = start("two");
    await().atMost(LONG).until(() -> one.cluster().leadership().available());
    NodeId lost = nodes.get("three");
    assertThat(one.cluster().membership().view().find(lost)).isEmpty();
    assertThat(one.clusterOffice().voters()).contains(lost);
    assertThat(one.clusterOffice().problems()).anyMatch(problem -> problem.contains(lost.value()));

    one.clusterOffice().drain(lost, ClusterOffice.RETIRED);

    await().atMost(LONG).until(() -> !one.clusterOffice().voters().contains(lost));
    await().atMost(LONG).until(() -> !two.clusterOffice().voters().contains(lost));
    assertThat(one.clusterOffice().problems()).noneMatch(problem -> problem.contains(lost.value()));
    assertCode(
        StandardErrorCode.NOT_FOUND, () -> one.clusterOffice().drain(lost, ClusterOffice.RETIRED));

    start("three");
    await().atMost(LONG).until(() -> one.clusterOffice().voters().contains(lost));
  }

  private static BucketSettings none() {
    return BucketSettings.none();
  }

  private static NodeId owner(Kernel kernel, String key) {
    return kernel.cluster().placement().primary(new BlobKey(BUCKET, key).affinityKey());
  }

  private static void write(Kernel kernel, String key) {
    Reply unused =
        join(
            kernel,
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
                .affinityKey(new BlobKey(BUCKET, key).affinityKey())
                .content(Content.of(Bytes.utf8("content of " + key), "text/plain")));
  }

  private static String read(Kernel kernel, String key) {
    Reply reply =
        join(
            kernel,
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                .affinityKey(new BlobKey(BUCKET, key).affinityKey()));
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Reply command(Kernel kernel, Topic topic, Object what) {
    return join(kernel, Message.command(topic, Payload.of(what)));
  }

  private static Reply query(Kernel kernel, Topic topic, Object what) {
    return join(kernel, Message.query(topic, Payload.of(what)));
  }

  private static Reply join(Kernel kernel, Message.Builder message) {
    try {
      return kernel.bus().request(message.build()).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WarehouseException known) {
        throw known;
      }
      throw e;
    }
  }

  private static void assertCode(StandardErrorCode code, Runnable deed) {
    assertThatThrownBy(deed::run)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
