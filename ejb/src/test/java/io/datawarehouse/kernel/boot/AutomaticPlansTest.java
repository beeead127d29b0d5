package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.rebalance.PlanDecision.Verdict;
import io.datawarehouse.kernel.rebalance.PlanState;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
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
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole kernels of one cluster that even themselves out in the mode automatic. */
class AutomaticPlansTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int KEYS = 60;
  private static final String CONTENT = "content ".repeat(1_000);

  @TempDir private Path parent;
  private final List<Kernel> kernels = new ArrayList<>();

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
    settings.put("dw.storage.pipeline", "none");
    settings.put("dw.rebalance.grace", "1s");
    settings.put("dw.load-balancing.minimum-interval", "PT2S");
    settings.put("dw.load-balancing.most-moved-percent", "40");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(
                new RocksDbStoragePlugin(), new RoundRobinPlugin(), new LeastConnectionsPlugin()));
    kernels.add(kernel);
    return kernel;
  }

  private static Reply ask(Kernel kernel, Message.Builder message) throws Exception {
    return kernel.bus().request(message.build()).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static void write(Kernel kernel, String key) throws Exception {
    Reply unused =
        ask(
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
                .content(Content.of(Bytes.utf8(CONTENT), "text/plain")));
  }

  private static String read(Kernel kernel, String key) throws Exception {
    Reply reply =
        ask(
            kernel,
            Message.query(
                    StorageTopics.READ,
                    Payload.of(new ReadBlob(BUCKET, key, Optional.empty(), ReadCondition.none())))
                .affinityKey(new BlobKey(BUCKET, key).affinityKey()));
    try (Content content = reply.content().orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long owned(Kernel kernel) {
    return kernel.segments().all().stream()
        .filter(segment -> segment.owner().equals(kernel.nodeId()))
        .mapToLong(segment -> segment.bytes().orElse(0))
        .sum();
  }

  @Test
  void emptyNodeThatJoinsALoadedOneGetsItsShareWithoutAnOperator() throws Exception {
    Kernel first = start("node-1");
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              Reply unused =
                  ask(
                      first,
                      Message.command(
                          StorageTopics.BUCKET_CREATE,
                          Payload.of(new CreateBucket(BUCKET, BucketSettings.none()))));
              write(first, "key-0");
            });
    for (int key = 1; key < KEYS; key++) {
      write(first, "key-" + key);
    }
    Kernel second = start("node-2");
    long all = (long) KEYS * CONTENT.length();

    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(owned(second)).isBetween(all * 4 / 10, all * 6 / 10);
              assertThat(owned(first)).isBetween(all * 4 / 10, all * 6 / 10);
            });

    assertThat(second.rebalance().plans())
        .isNotEmpty()
        .allSatisfy(
            plan -> {
              assertThat(plan.createdBy()).isEqualTo("the cluster itself");
              assertThat(plan.totalBytes()).isLessThanOrEqualTo(all * 4 / 10);
            });
    for (int key = 0; key < KEYS; key++) {
      assertThat(read(first, "key-" + key)).isEqualTo(CONTENT);
      assertThat(read(second, "key-" + key)).isEqualTo(CONTENT);
    }
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(second.planDecisions().decision().verdict())
                    .isEqualTo(Verdict.BALANCED));
    assertThat(second.planDecisions().leader()).contains(second.planDecisions().by());
    assertThat(first.rebalance().plans()).allMatch(plan -> plan.state() == PlanState.DONE);
  }
}
