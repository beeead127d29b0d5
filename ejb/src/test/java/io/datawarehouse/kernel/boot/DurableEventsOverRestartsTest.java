package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three whole kernels that are all stopped, of which only two are started again at first. */
class DurableEventsOverRestartsTest {

  private static final Topic TOPIC = Topic.of("orders.placed");

  @TempDir private Path parent;
  private final List<Kernel> kernels = new ArrayList<>();
  private final Map<String, Queue<Integer>> heard = new ConcurrentHashMap<>();

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
    Queue<Integer> queue = heard.computeIfAbsent(name, key -> new ConcurrentLinkedQueue<>());
    ScriptedPlugin subscriber =
        new ScriptedPlugin("orders")
            .onStart(
                context -> {
                  var unused =
                      context
                          .bus()
                          .subscribe(
                              TopicPattern.of("orders.*"),
                              SubscriberOptions.defaults(),
                              event -> queue.add(event.payload().as(Integer.class)));
                });
    Kernel kernel =
        Kernel.start(
            new KernelOptions(
                parent.resolve(name), KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
            List.of(new FakeStoragePlugin(), subscriber));
    kernels.add(kernel);
    return kernel;
  }

  private static void publish(Kernel kernel, int number) {
    kernel.bus().publish(Message.event(TOPIC, Payload.of(number)).durable().build());
  }

  private static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofMinutes(2)).until(condition);
  }

  /** Returns of how many other nodes that one has on disk that they hear orders. */
  private long known(String name) throws IOException {
    Path directory = parent.resolve(name).resolve("kernel").resolve("kernel.subscriptions");
    long count = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains("orders.*")) {
          count++;
        }
      }
    }
    return count;
  }

  @Test
  void subscriberThatComesBackLastHasMissedNothing() {
    Kernel one = start("one");
    start("two");
    start("three");
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        // Files are replaced while they are looked at.
        .ignoreException(NoSuchFileException.class)
        .until(() -> known("one") == 2);
    kernels.forEach(Kernel::stop);
    kernels.clear();

    Kernel back = start("one");
    start("two");
    publish(back, 1);
    eventually(() -> heard.get("two").contains(1) && heard.get("one").contains(1));
    eventually(() -> back.scrapeMetrics().contains("dw_bus_outbox_waiting 1.0"));
    start("three");

    eventually(() -> back.scrapeMetrics().contains("dw_bus_outbox_waiting 0.0"));
    assertThat(heard.get("three")).containsExactly(1);
    assertThat(one.nodeId()).isEqualTo(back.nodeId());
  }
}
