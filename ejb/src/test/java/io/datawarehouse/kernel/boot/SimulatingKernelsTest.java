package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.whatif.WhatIfAnswer;
import io.datawarehouse.kernel.whatif.WhatIfQuestion;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
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

/** Three whole kernels of one cluster, each of which records what it sends. */
class SimulatingKernelsTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Duration LIMIT = Duration.ofMinutes(4);

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
    settings.put("dw.cluster.founding-nodes", "3");
    settings.put("dw.cluster.bind", "127.0.0.1");
    settings.put("dw.cluster.transport", "plain");
    settings.put("dw.cluster.discovery.directory", parent.resolve("meet").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.storage.pipeline", "none");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(
                new RocksDbStoragePlugin(), new RoundRobinPlugin(), new LeastConnectionsPlugin()));
    kernels.add(kernel);
    return kernel;
  }

  private static void ask(Kernel kernel, Message.Builder message) throws Exception {
    Reply unused =
        kernel
            .bus()
            .request(message.build())
            .toCompletableFuture()
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static void write(Kernel kernel, String key) throws Exception {
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
            .content(Content.of(Bytes.utf8("content"), "text/plain")));
  }

  private static WhatIfQuestion sentBy(Optional<List<String>> senders) {
    return new WhatIfQuestion(
        Map.of(),
        Optional.empty(),
        senders,
        WhatIfQuestion.Nodes.same(),
        WhatIfQuestion.Keys.OWNER,
        1,
        1,
        8);
  }

  @Test
  void anyNodeReplaysWhatAllOfThemSent() throws Exception {
    Kernel one = start("node-1");
    Kernel two = start("node-2");
    Kernel three = start("node-3");
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              ask(
                  one,
                  Message.command(
                      StorageTopics.BUCKET_CREATE,
                      Payload.of(new CreateBucket(BUCKET, BucketSettings.none()))));
              for (Kernel kernel : kernels) {
                assertThat(kernel.cluster().membership().view().active()).hasSize(3);
                for (int key = 0; key < 12; key++) {
                  write(kernel, "warm-" + key);
                }
              }
            });
    for (int key = 0; key < 40; key++) {
      write(two, "two-" + key);
      write(three, "three-" + key % 3);
    }

    WhatIfAnswer answer = one.whatIf().answer(sentBy(Optional.empty()));

    assertThat(answer.missing()).isEmpty();
    assertThat(answer.recordings())
        .extracting(WhatIfAnswer.Recording::node)
        .containsExactly("node-1", "node-2", "node-3");
    // Where many come in a short time one of several is recorded, and stands for the others.
    assertThat(answer.recordings().get(0).samples()).isPositive();
    assertThat(answer.recordings().subList(1, 3))
        .allSatisfy(
            recording -> {
              assertThat(recording.samples()).isPositive();
              assertThat(recording.requests()).isGreaterThanOrEqualTo(recording.samples());
              assertThat(recording.withinMillis()).isPositive().isLessThanOrEqualTo(1_000);
              assertThat(recording.from().orElseThrow()).isBefore(recording.to().orElseThrow());
            });
    assertThat(answer.trace().requests())
        .isEqualTo(answer.recordings().stream().mapToLong(WhatIfAnswer.Recording::requests).sum());
    // Asking is nothing that is recorded.
    assertThat(two.whatIf().answer(sentBy(Optional.empty())).trace().requests())
        .isEqualTo(answer.trace().requests());

    WhatIfAnswer third = one.whatIf().answer(sentBy(Optional.of(List.of("node-3"))));

    assertThat(third.trace().recordedBy()).containsExactly("node-3");
    assertThat(third.trace().requests()).isEqualTo(answer.recordings().get(2).requests());

    three.stop();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(one.whatIf().answer(sentBy(Optional.empty())).trace().recordedBy())
                    .containsExactly("node-1", "node-2"));
  }
}
