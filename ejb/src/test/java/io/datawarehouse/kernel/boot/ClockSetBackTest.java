package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.plugin.balancing.LeastConnectionsPlugin;
import io.datawarehouse.plugin.balancing.RoundRobinPlugin;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose clock was ahead, and is set back while they do not run. */
class ClockSetBackTest {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Clock RIGHT = Clock.systemUTC();
  private static final Clock AHEAD = Clock.offset(RIGHT, Duration.ofHours(1));

  @TempDir private Path parent;
  private final List<Kernel> kernels = new ArrayList<>();

  @AfterEach
  void stop() {
    kernels.forEach(Kernel::stop);
  }

  /** What was agreed on remembers the run that proposed it, over the end of all nodes. */
  @Test
  void theWholeClusterAgreesOnWhatIsNew() {
    Kernel first = start("node-1", AHEAD);
    awaitBucket(first, "before");
    long run = runOf(first);
    first.stop();

    Kernel again = start("node-1", RIGHT);

    awaitBucket(again, "after");
    assertThat(runOf(again)).isEqualTo(run + 1);
  }

  /** Those that ran on remember it as well. */
  @Test
  void oneOfThemIsLetInAgain() {
    Clock nearlyRight = Clock.offset(RIGHT, Duration.ofMinutes(1));
    start("node-1", RIGHT);
    Kernel other = start("node-2", nearlyRight);
    long run = runOf(other);
    other.stop();

    Kernel again = start("node-2", RIGHT);

    assertThat(runOf(again)).isGreaterThan(run);
    awaitBucket(again, "after");
  }

  private static long runOf(Kernel kernel) {
    return kernel
        .cluster()
        .membership()
        .view()
        .find(kernel.nodeId())
        .map(ClusterNode::incarnation)
        .orElseThrow();
  }

  private static void awaitBucket(Kernel at, String name) {
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(
            () -> {
              at.bus()
                  .request(
                      Message.command(
                              StorageTopics.BUCKET_CREATE,
                              Payload.of(
                                  new CreateBucket(new BucketName(name), BucketSettings.none())))
                          .build())
                  .toCompletableFuture()
                  .get(10, TimeUnit.SECONDS);
              return true;
            });
  }

  private Kernel start(String name, Clock clock) {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.node.name", name);
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.bind", "127.0.0.1");
    settings.put("dw.cluster.discovery.directory", parent.resolve("meet").toString());
    settings.put("dw.cluster.join.token.file", parent.resolve("join.token").toString());
    settings.put("dw.scrub.rate", "0");
    settings.put("dw.storage.pipeline", "none");
    Kernel kernel =
        Kernel.start(
            new KernelOptions(parent.resolve(name), KernelConfig.of(settings), clock, Thread::new),
            List.of(
                new RocksDbStoragePlugin(), new RoundRobinPlugin(), new LeastConnectionsPlugin()));
    kernels.add(kernel);
    return kernel;
  }
}
