package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Durable events of a node without a cluster, on its own disk. */
@Timeout(120)
class DurableEventsAloneTest {

  private static final Topic TOPIC = Topic.of("orders.placed");

  @TempDir private static Path parent;
  private final CountDownLatch release = new CountDownLatch(1);
  private KernelFixture fixture;

  @BeforeEach
  void prepare() {
    fixture = new KernelFixture(parent);
  }

  @AfterEach
  void stop() {
    release.countDown();
    fixture.close();
  }

  private static ScriptedPlugin subscriber(EventSubscriber subscriber) {
    return new ScriptedPlugin("orders")
        .onStart(
            context -> {
              var unused =
                  context
                      .bus()
                      .subscribe(
                          TopicPattern.of("orders.*"), SubscriberOptions.defaults(), subscriber);
            });
  }

  private static void publish(Kernel kernel, int number) {
    kernel
        .bus()
        .publish(
            Message.event(TOPIC, Payload.of(number)).affinityKey("one order").durable().build());
  }

  /** Returns the data directory as a crash at this moment would leave it. */
  private Path asACrashLeavesIt() throws IOException {
    Path copy = parent.resolve("after-the-crash");
    try (Stream<Path> files = Files.walk(fixture.data())) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, copy.resolve(fixture.data().relativize(file)));
      }
    }
    return copy;
  }

  @Test
  void eventsThatWaitForASlowSubscriberAreDeliveredAfterACrash() throws IOException {
    Kernel first =
        fixture.serve(
            subscriber(
                event -> {
                  boolean released = release.await(60, TimeUnit.SECONDS);
                }));
    assertThat(first.mode()).isEqualTo(OperatingMode.STANDALONE);
    publish(first, 1);
    publish(first, 2);
    assertThat(first.scrapeMetrics()).contains("dw_bus_outbox_waiting 2.0");
    Path left = asACrashLeavesIt();

    Queue<Integer> heard = new ConcurrentLinkedQueue<>();
    Kernel second =
        fixture.start(
            left,
            List.of(
                new FakeStoragePlugin(),
                subscriber(event -> heard.add(event.payload().as(Integer.class)))));

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> second.scrapeMetrics().contains("dw_bus_outbox_waiting 0.0"));
    assertThat(heard).containsExactly(1, 2);
  }
}
