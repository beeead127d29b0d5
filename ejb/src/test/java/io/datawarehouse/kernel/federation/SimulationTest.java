package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.balance.RoundRobinLoadBalancer;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three nodes whose network is moved on frame by frame, in an order that a seed draws, with links
 * that break and nodes that crash in between; all on one thread, so that a seed always does the
 * same.
 */
@Timeout(120)
class SimulationTest {

  private static final Topic NEWS = Topic.of("sim.news");
  private static final Topic ASK = Topic.of("sim.ask");

  private final ManualClock clock = new ManualClock();
  private final ClusterLab lab = new ClusterLab();
  private final Map<String, KernelStorage> storages = new HashMap<>();
  private final Map<String, Long> incarnations = new HashMap<>();
  private final Map<String, List<String>> heard = new HashMap<>();
  private final Map<String, FederatedMessageBus> buses = new HashMap<>();
  private final List<ScheduledThreadPoolExecutor> timers = new ArrayList<>();
  private SimulatedNetwork network;

  private void start(String name) {
    NodeId id = new NodeId(name);
    long incarnation = incarnations.merge(name, 1L, Long::sum);
    ClusterLab.Seat seat = lab.join(id, incarnation, Map.of());
    RecordingMetrics metrics = new RecordingMetrics();
    // Nothing that it would run in this short time is needed here.
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(0, this::noThread);
    timers.add(timer);
    LocalMessageBus local =
        new LocalMessageBus(
            new LocalMessageBus.Options(
                id,
                clock,
                Json.codec(),
                Runnable::run,
                timer,
                (message, subscriber, why) -> {},
                metrics,
                1 << 20,
                Duration.ofSeconds(30)));
    FederatedMessageBus bus =
        new FederatedMessageBus(
            new FederatedMessageBus.Options(
                local,
                seat,
                incarnation,
                network.member(id, incarnation),
                new SubscriptionDirectory(
                    new SubscriptionDirectory.Options(
                        incarnation,
                        seat,
                        seat.membership(),
                        Runnable::run,
                        System::nanoTime,
                        metrics,
                        Duration.ZERO,
                        new InMemoryKernelStorage(),
                        clock,
                        Duration.ofHours(24))),
                node -> Optional.of(new PeerAddress(node.id(), "sim", 1)),
                (node, evidence) -> {},
                NodeLoad::idle,
                PeerGuard.open(),
                () ->
                    new FederatedMessageBus.Balancing(
                        new RoundRobinLoadBalancer(), LoadBalancingConfig.of(DeploymentTier.SMB)),
                storages.computeIfAbsent(name, unused -> new InMemoryKernelStorage()),
                (message, subscriber, why) -> {},
                Json.codec(),
                clock,
                System::nanoTime,
                new Random(1),
                timer,
                Runnable::run,
                Runnable::run,
                metrics,
                FederatedMessageBus.Settings.defaults(Duration.ofSeconds(30))));
    bus.start();
    buses.put(name, bus);
    List<String> mine = heard.computeIfAbsent(name, unused -> new ArrayList<>());
    bus.view("plugin")
        .subscribe(
            TopicPattern.of("sim.*"),
            SubscriberOptions.defaults(),
            event -> mine.add(event.payload().as(String.class)));
    bus.view("plugin")
        .handle(
            ASK,
            HandlerOptions.defaults(),
            MessageHandler.sync(m -> Reply.of(m.payload().as(String.class))));
    bus.resume();
  }

  private Thread noThread(Runnable task) {
    return null;
  }

  private void settle() {
    int steps = 0;
    for (int rounds = 0; rounds < 4; rounds++) {
      while (network.step()) {
        assertThat(++steps).isLessThan(1_000_000);
      }
      network.beat();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
  void durableEventsAreHeardOnceInOrderAndRequestsEndWhateverBreaks(long seed) {
    Random random = new Random(seed);
    network = new SimulatedNetwork(seed, clock);
    List<String> names = List.of("a", "b", "c");
    names.forEach(this::start);
    settle();
    Map<String, List<String>> said = new HashMap<>();
    List<CompletableFuture<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      String name = names.get(random.nextInt(3));
      NodeId other = new NodeId(names.get(random.nextInt(3)));
      switch (random.nextInt(12)) {
        case 0 -> network.breakLink(new NodeId(name), other);
        case 1 -> {
          if (!other.value().equals(name)) {
            network.cut(new NodeId(name), other);
          }
        }
        case 2 -> network.healAll();
        case 3, 4, 5, 6 -> {
          String text = name + "-" + said.computeIfAbsent(name, n -> new ArrayList<>()).size();
          said.get(name).add(text);
          buses
              .get(name)
              .view("plugin")
              .publish(Message.event(NEWS, Payload.of(text)).affinityKey(name).durable().build());
        }
        case 7 ->
            answers.add(
                buses
                    .get(name)
                    .view("plugin")
                    .request(Message.command(ASK, Payload.of("q")).build())
                    .toCompletableFuture());
        case 8 -> {
          if (random.nextInt(8) == 0) {
            network.crash(new NodeId(name));
            start(name);
          }
        }
        default -> {
          for (int step = random.nextInt(10); step > 0 && network.step(); step--) {
            // One frame after the other.
          }
        }
      }
    }
    network.healAll();
    settle();

    for (String listener : names) {
      for (String speaker : names) {
        List<String> fromOne =
            heard.get(listener).stream().filter(text -> text.startsWith(speaker)).toList();
        assertThat(fromOne)
            .as("seed %d: what %s heard of %s", seed, listener, speaker)
            .containsExactlyElementsOf(said.getOrDefault(speaker, List.of()));
      }
      assertThat(buses.get(listener).outbox()).as("seed %d: %s", seed, listener).isZero();
    }
    assertThat(answers).as("seed %d", seed).allMatch(CompletableFuture::isDone);
    timers.forEach(ScheduledThreadPoolExecutor::shutdownNow);
  }
}
