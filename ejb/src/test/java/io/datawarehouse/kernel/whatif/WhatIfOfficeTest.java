package io.datawarehouse.kernel.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.datawarehouse.kernel.balance.BalancingOffice;
import io.datawarehouse.kernel.balance.KeptOrders;
import io.datawarehouse.kernel.blob.FakeBus;
import io.datawarehouse.kernel.whatif.WhatIfQuestion.Added;
import io.datawarehouse.kernel.whatif.WhatIfQuestion.Given;
import io.datawarehouse.kernel.whatif.WhatIfQuestion.Keys;
import io.datawarehouse.kernel.whatif.WhatIfQuestion.Nodes;
import io.datawarehouse.plugin.balancing.Adaptive;
import io.datawarehouse.plugin.balancing.ConsistentHashing;
import io.datawarehouse.plugin.balancing.LatencyBased;
import io.datawarehouse.plugin.balancing.LeastConnections;
import io.datawarehouse.plugin.balancing.RoundRobin;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.testkit.balance.FakeSignals;
import io.datawarehouse.testkit.cluster.FakeCluster;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WhatIfOfficeTest {

  private static final long MILLI = 1_000_000;
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicLong now = new AtomicLong();
  private final Map<NodeId, FakeBus> others = new ConcurrentHashMap<>();
  private final FakeCluster cluster = new FakeCluster(new NodeId("node-1"), new ManualClock());
  private final List<LoadBalancerStrategy> running =
      List.of(
          new Seeded("round-robin", RoundRobin::new),
          new Seeded("least-connections", LeastConnections::new),
          new Seeded("latency-based", LatencyBased::new),
          new Seeded("adaptive", Adaptive::new),
          new Seeded("slow", this::slow),
          new Seeded(
              "consistent-hashing",
              seed -> new ConsistentHashing(seed, 128, ConsistentHashing.NO_BOUND)));
  private final BalancingOffice balancing =
      new BalancingOffice(
          new BalancingOffice.Options(
              DeploymentTier.SMB, Map.of(), () -> running, List::of, now::get));
  private final LoadRecorder recorder =
      new LoadRecorder(true, now::get, () -> Duration.ofMinutes(5));
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(2, 2, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
  private final WhatIfOffice office = office(recorder);

  /** A strategy as a plugin offers it. */
  private record Seeded(String strategyName, LongFunction<LoadBalancerStrategy> maker)
      implements LoadBalancerStrategy {
    @Override
    public boolean followsKeys() {
      return maker.apply(0).followsKeys();
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return maker.apply(0).prepare(table, config);
    }

    @Override
    public LoadBalancerStrategy seeded(long seed) {
      return maker.apply(seed);
    }
  }

  private WhatIfOffice office(LoadRecorder found) {
    balancing.follow(new KeptOrders(new InMemoryKernelStorage()));
    Recordings recordings =
        new Recordings(
            new Recordings.Options(
                new NodeId("node-1"), found, this::requestAt, Duration.ofSeconds(20)));
    return new WhatIfOffice(
        new WhatIfOffice.Options(
            balancing, cluster, found, recordings, Clock.fixed(NOW, ZoneOffset.UTC), threads));
  }

  private CompletionStage<Reply> requestAt(NodeId node, Message message) {
    return Optional.ofNullable(others.get(node))
        .map(bus -> bus.request(message))
        .orElseGet(
            () ->
                CompletableFuture.failedFuture(
                    new WarehouseException(StandardErrorCode.UNAVAILABLE, node + " is away")));
  }

  /** Lets another node tell what it recorded; returns its recorder, by a ticker of its own. */
  private LoadRecorder other(String name) {
    cluster.add(name);
    long apart = 1_000_000_007L * name.hashCode();
    LoadRecorder theirs =
        new LoadRecorder(true, () -> now.get() + apart, () -> Duration.ofMinutes(5));
    FakeBus bus = new FakeBus();
    new Recordings(
            new Recordings.Options(new NodeId(name), theirs, this::requestAt, Duration.ofDays(1)))
        .register(bus);
    others.put(new NodeId(name), bus);
    return theirs;
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private static List<Given> trace(int count, double pauseMillis, boolean keyed) {
    SplittableRandom random = new SplittableRandom(5);
    List<Given> trace = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      trace.add(
          new Given(
              i * pauseMillis,
              keyed ? Optional.of(KeyHash.of("key-" + random.nextInt(1_000))) : Optional.empty(),
              OptionalDouble.empty(),
              10));
    }
    return trace;
  }

  private static WhatIfQuestion question(
      Map<String, Optional<Object>> settings, Optional<List<Given>> trace, Nodes nodes, Keys keys) {
    return new WhatIfQuestion(settings, trace, Optional.empty(), nodes, keys, 9, 1, 1);
  }

  private static WhatIfQuestion of(Map<String, Optional<Object>> settings, List<Given> trace) {
    return question(settings, Optional.of(trace), Nodes.same(), Keys.OWNER);
  }

  private static Map<String, Optional<Object>> algorithm(String name) {
    return Map.of("algorithm", Optional.of(name));
  }

  private static Nodes adding(String... names) {
    List<Added> added = new ArrayList<>();
    for (String name : names) {
      added.add(new Added(name, 1, "zone"));
    }
    return new Nodes(added, List.of(), Map.of(), Map.of());
  }

  private void record(int count, String node, long tookMillis, boolean keyed) {
    record(recorder, count, node, tookMillis, keyed);
  }

  private void record(LoadRecorder sender, int count, String node, long tookMillis, boolean keyed) {
    for (int i = 0; i < count; i++) {
      now.addAndGet(20 * MILLI);
      sender.take(
          new LoadRecorder.Recorded(
              sender.now(),
              keyed,
              keyed ? KeyHash.of("key-" + i % 100) : 0,
              new NodeId(node),
              tookMillis * MILLI,
              50,
              1));
    }
  }

  @Test
  void showsBothSideBySideAndTheSameAgain() {
    cluster.add("node-2", "node-3", "node-4");
    Map<String, Double> slow = Map.of("node-3", 0.25);
    WhatIfQuestion question =
        question(
            algorithm("round-robin"),
            Optional.of(trace(5_000, 4, false)),
            new Nodes(List.of(), List.of(), Map.of(), slow),
            Keys.OWNER);

    WhatIfAnswer answer = office.answer(question);

    assertThat(answer.inForce().algorithm()).isEqualTo("least-connections");
    assertThat(answer.simulated().algorithm()).isEqualTo("round-robin");
    assertThat(answer.simulated().nodes()).allMatch(node -> node.requests() == 1_250);
    assertThat(answer.simulated().imbalance().maxOverMean()).isEqualTo(1);
    assertThat(answer.inForce().nodes().get(2).requests()).isLessThan(1_000);
    assertThat(answer.simulated().latencyMillis().p99())
        .isGreaterThan(2 * answer.inForce().latencyMillis().p99());
    assertThat(answer.simulated().nodes().get(2).utilisation())
        .isGreaterThan(answer.simulated().nodes().get(0).utilisation());
    assertThat(answer.trace().source()).isEqualTo("given");
    assertThat(answer.trace().requests()).isEqualTo(5_000);
    assertThat(office.answer(question)).isEqualTo(answer);
  }

  @Test
  void replaysWhatWasRecordedWithTheSpeedsThatItShows() {
    cluster.add("node-2");
    record(500, "node-1", 10, false);
    record(500, "node-2", 40, false);

    WhatIfAnswer answer =
        office.answer(
            question(algorithm("round-robin"), Optional.empty(), adding("node-3"), Keys.OWNER));

    assertThat(answer.trace().source()).isEqualTo("recorded");
    assertThat(answer.trace().recordedBy()).containsExactly("node-1");
    assertThat(answer.trace().requests()).isEqualTo(1_000);
    assertThat(answer.trace().requestsPerSecond()).isCloseTo(50, within(1.0));
    List<WhatIfAnswer.Node> nodes = answer.simulated().nodes();
    assertThat(nodes).extracting(WhatIfAnswer.Node::id).contains("node-3");
    assertThat(nodes.get(0).latencyMillis().p50()).isCloseTo(10, within(1.0));
    assertThat(nodes.get(1).latencyMillis().p50()).isCloseTo(40, within(4.0));
    assertThat(nodes.get(2).latencyMillis().p50()).isCloseTo(25, within(2.5));
  }

  @Test
  void replaysWhatAllNodesSentOnOneTimeLine() {
    LoadRecorder second = other("node-2");
    LoadRecorder unused = other("node-3");
    record(200, "node-1", 10, false);
    record(second, 300, "node-3", 10, true);
    record(100, "node-2", 10, false);

    WhatIfAnswer answer =
        office.answer(question(Map.of(), Optional.empty(), Nodes.same(), Keys.OWNER));

    assertThat(answer.trace().requests()).isEqualTo(600);
    assertThat(answer.trace().keyed()).isEqualTo(300);
    assertThat(answer.trace().seconds()).isCloseTo(12, within(0.1));
    assertThat(answer.trace().recordedBy()).containsExactly("node-1", "node-2");
    assertThat(answer.missing()).isEmpty();
    assertThat(answer.recordings())
        .containsExactly(
            new WhatIfAnswer.Recording(
                "node-1",
                true,
                300,
                300,
                Optional.of(NOW.minusMillis(599 * 20)),
                Optional.of(NOW),
                0),
            new WhatIfAnswer.Recording(
                "node-2",
                true,
                300,
                300,
                Optional.of(NOW.minusMillis(399 * 20)),
                Optional.of(NOW.minusMillis(100 * 20)),
                0),
            new WhatIfAnswer.Recording(
                "node-3", true, 0, 0, Optional.empty(), Optional.empty(), 0));
  }

  @Test
  void eachNodeSendsForItself() {
    LoadRecorder second = other("node-2");
    record(100, "node-1", 10, false);
    record(second, 300, "node-1", 10, false);

    WhatIfAnswer answer =
        office.answer(
            question(
                Map.of("preferLocal", Optional.of(true)),
                Optional.empty(),
                Nodes.same(),
                Keys.OWNER));

    assertThat(answer.simulated().nodes())
        .extracting(WhatIfAnswer.Node::requests)
        .containsExactly(100, 300);
  }

  @Test
  void replaysOnlyWhatNamedNodesSent() {
    LoadRecorder second = other("node-2");
    record(200, "node-1", 10, false);
    record(second, 300, "node-1", 10, true);

    WhatIfAnswer answer = office.answer(sentBy("node-2"));

    assertThat(answer.trace().recordedBy()).containsExactly("node-2");
    assertThat(answer.trace().requests()).isEqualTo(300);
    assertThat(answer.recordings())
        .extracting(WhatIfAnswer.Recording::node)
        .containsExactly("node-2");
    assertThat(answer.notes()).anyMatch(note -> note.contains("other nodes"));
  }

  private static WhatIfQuestion sentBy(String... nodes) {
    return new WhatIfQuestion(
        Map.of(), Optional.empty(), Optional.of(List.of(nodes)), Nodes.same(), Keys.OWNER, 9, 1, 1);
  }

  @Test
  void nodesThatDoNotTellAreNamedAndTheOthersReplayed() {
    record(200, "node-1", 10, false);
    cluster.add("node-2", "node-3");
    others.put(new NodeId("node-3"), new FakeBus());

    WhatIfAnswer answer =
        office.answer(question(Map.of(), Optional.empty(), Nodes.same(), Keys.OWNER));

    assertThat(answer.trace().requests()).isEqualTo(200);
    assertThat(answer.missing()).containsExactly("node-2", "node-3");
    assertThat(answer.notes()).anyMatch(note -> note.contains("[node-2, node-3]"));
    assertThatThrownBy(() -> office.answer(sentBy("node-2")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NO_RECORDED_LOAD))
        .hasMessageContaining("[node-2] did not answer");
  }

  @Test
  void nodesAreNamedByTheirIdentities() {
    record(200, "node-1", 10, false);

    assertThatThrownBy(() -> office.answer(sentBy("node-9")))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll("trace.nodes", "node-9", "node-1");
    assertThatThrownBy(() -> office.answer(sentBy("no node!")))
        .hasMessageContainingAll("trace.nodes", "no node!");
    assertThatThrownBy(() -> sentBy("node-1", "node-1")).hasMessageContaining("trace.nodes");
    assertThatThrownBy(WhatIfOfficeTest::sentBy).hasMessageContaining("trace.nodes");
  }

  @Test
  void fasterReplayIsMoreLoad() {
    record(1_000, "node-1", 15, false);

    WhatIfAnswer slow =
        office.answer(
            new WhatIfQuestion(
                Map.of(), Optional.empty(), Optional.empty(), Nodes.same(), Keys.OWNER, 1, 1, 1));
    WhatIfAnswer fast =
        office.answer(
            new WhatIfQuestion(
                Map.of(), Optional.empty(), Optional.empty(), Nodes.same(), Keys.OWNER, 1, 2, 1));

    assertThat(fast.trace().requestsPerSecond())
        .isCloseTo(2 * slow.trace().requestsPerSecond(), within(2.0));
    assertThat(slow.simulated().latencyMillis().p99()).isCloseTo(15, within(0.1));
    assertThat(fast.simulated().latencyMillis().p99()).isGreaterThan(1_000);
  }

  @Test
  void nodeThatIsAloneSeesWhatTwoMoreWouldTake() {
    WhatIfAnswer answer =
        office.answer(
            question(
                Map.of(),
                Optional.of(trace(10_000, 20, true)),
                adding("node-2", "node-3"),
                Keys.OWNER));

    assertThat(answer.inForce().nodes()).hasSize(1);
    assertThat(answer.simulated().nodes()).hasSize(3);
    assertThat(answer.movement().segments()).isEqualTo(256);
    assertThat(answer.movement().movedSegments()).isEqualTo(170);
    assertThat(answer.movement().keys()).isEqualTo(1_000);
    assertThat(answer.movement().movedKeysShare()).isCloseTo(2.0 / 3, within(0.06));
    assertThat(answer.movement().movedRequestBytes())
        .isEqualTo(Math.round(answer.movement().movedRequestsShare() * 10_000) * 10);
  }

  @Test
  void keysGoToTheirOwnersUnlessTheStrategyIsToPlaceThem() {
    cluster.add("node-2", "node-3");
    List<Given> trace = trace(9_000, 5, true);

    WhatIfAnswer owners = office.answer(of(algorithm("consistent-hashing"), trace));
    WhatIfAnswer ring =
        office.answer(
            question(
                algorithm("consistent-hashing"), Optional.of(trace), Nodes.same(), Keys.STRATEGY));

    assertThat(owners.movement().movedKeys()).isZero();
    assertThat(owners.inForce().nodes()).isEqualTo(owners.simulated().nodes());
    assertThat(owners.notes()).anyMatch(note -> note.contains("owner of its segment"));
    assertThat(ring.movement().movedKeysShare()).isCloseTo(2.0 / 3, within(0.1));
    assertThat(ring.movement().movedSegments()).isZero();
  }

  @Test
  void keysThatTheirShardingPutElsewhereStayThere() {
    cluster.add("node-2", "node-3");
    record(600, "node-3", 5, true);

    WhatIfAnswer answer =
        office.answer(question(Map.of(), Optional.empty(), adding("node-9"), Keys.OWNER));

    assertThat(shareOf("node-3", answer.inForce())).isEqualTo(1);
    // A third of the keys is there by hash, too: of these the new node takes its part.
    assertThat(shareOf("node-3", answer.simulated())).isGreaterThan(0.85);
    assertThat(answer.notes()).anyMatch(note -> note.contains("sharding of their bucket"));
  }

  private static double shareOf(String node, WhatIfAnswer.Outcome outcome) {
    return outcome.nodes().stream()
        .filter(one -> one.id().toString().equals(node))
        .mapToDouble(WhatIfAnswer.Node::share)
        .sum();
  }

  @Test
  void traceMayBeginAtAnyTime() {
    cluster.add("node-2");
    List<Given> trace = trace(2_000, 5, false);
    List<Given> later =
        trace.stream()
            .map(
                one ->
                    new Given(
                        one.atMillis() + 80_000_000,
                        one.keyHash(),
                        one.serviceMillis(),
                        one.bytes()))
            .toList();

    WhatIfAnswer soon = office.answer(of(algorithm("round-robin"), trace));
    WhatIfAnswer late = office.answer(of(algorithm("round-robin"), later));

    assertThat(late.simulated().nodes()).isEqualTo(soon.simulated().nodes());
    assertThat(soon.simulated().nodes().get(0).utilisation()).isPositive();
  }

  @Test
  void weightsShiftTheIdealAndTheSegments() {
    cluster.add("node-2");
    WhatIfAnswer answer =
        office.answer(
            question(
                Map.of(),
                Optional.of(trace(4_000, 20, true)),
                new Nodes(List.of(), List.of(), Map.of("node-2", 3.0), Map.of()),
                Keys.OWNER));

    assertThat(answer.simulated().nodes().get(1).idealShare()).isEqualTo(0.75);
    assertThat(answer.simulated().nodes().get(1).share()).isCloseTo(0.75, within(0.05));
    assertThat(answer.movement().movedSegments()).isEqualTo(64);
  }

  @Test
  void preferringThisNodeKeepsRequestsWithoutAKeyHere() {
    cluster.add("node-2", "node-3");

    WhatIfAnswer answer =
        office.answer(of(Map.of("preferLocal", Optional.of(true)), trace(600, 10, false)));

    assertThat(answer.simulated().nodes().get(0).requests()).isEqualTo(600);
    assertThat(answer.simulated().imbalance().maxOverMean()).isEqualTo(3);
    assertThat(answer.inForce().preferLocal()).isFalse();
  }

  @Test
  void touchesNothing() {
    cluster.add("node-2");
    LoadRecorder third = other("node-3");
    record(200, "node-2", 10, true);
    record(third, 100, "node-2", 10, true);
    CandidateTable table =
        new CandidateTable(
            1, List.of(new CandidateTable.Candidate(new NodeId("node-1"), 1, "zone", true)));
    BalancingOffice.InForce inForce = balancing.inForce();
    NodeSelector real = inForce.strategy().prepare(table, inForce.settings().config());
    Object turn = real.explain(new FakeSignals(1), 3);
    Object status = balancing.status(cluster);
    List<LoadRecorder.Recorded> recorded = recorder.recorded();
    List<LoadRecorder.Recorded> theirs = third.recorded();
    Object view = cluster.membership().view();

    office.answer(
        question(
            Map.of("algorithm", Optional.of("adaptive"), "tier", Optional.of("hyperscale")),
            Optional.empty(),
            new Nodes(
                List.of(new Added("node-9", 2, "zone")), List.of("node-3"), Map.of(), Map.of()),
            Keys.STRATEGY));

    assertThat(balancing.inForce()).isEqualTo(inForce);
    assertThat(balancing.status(cluster)).isEqualTo(status);
    assertThat(real.explain(new FakeSignals(1), 3)).isEqualTo(turn);
    assertThat(recorder.recorded()).isEqualTo(recorded).hasSize(200);
    assertThat(third.recorded()).isEqualTo(theirs).hasSize(100);
    assertThat(cluster.membership().view()).isEqualTo(view);
  }

  @Test
  void saysWhyThereIsNothingToReplay() {
    LoadRecorder off = new LoadRecorder(false, now::get, () -> Duration.ofMinutes(5));
    WhatIfQuestion question = question(Map.of(), Optional.empty(), Nodes.same(), Keys.OWNER);

    assertThatThrownBy(() -> office.answer(question))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NO_RECORDED_LOAD))
        .hasMessageContaining("give a trace");
    assertThatThrownBy(() -> office(off).answer(question))
        .hasMessageContaining("dw.load-balancing.recording");
  }

  @Test
  void wrongQuestionsNameTheField() {
    List<Given> trace = trace(10, 1, false);
    assertThatThrownBy(() -> office.answer(of(algorithm("fastest"), trace)))
        .hasMessageContainingAll("algorithm", "fastest", "round-robin", "adaptive");
    assertThatThrownBy(() -> office.answer(of(Map.of("weather", Optional.of("fine")), trace)))
        .hasMessageContaining("weather");
    assertThatThrownBy(
            () ->
                office.answer(
                    question(
                        Map.of(),
                        Optional.of(trace),
                        new Nodes(List.of(), List.of("node-7"), Map.of(), Map.of()),
                        Keys.OWNER)))
        .hasMessageContainingAll("nodes.remove", "node-7", "node-1");
    assertThatThrownBy(
            () ->
                office.answer(
                    question(
                        Map.of(),
                        Optional.of(trace),
                        new Nodes(List.of(), List.of("node-1"), Map.of(), Map.of()),
                        Keys.OWNER)))
        .hasMessageContaining("leave 1");
    assertThatThrownBy(
            () ->
                office.answer(question(Map.of(), Optional.of(trace), adding("node-1"), Keys.OWNER)))
        .hasMessageContainingAll("nodes.add.id", "node-1");
    assertThatThrownBy(() -> of(Map.of(), List.of())).hasMessageContaining("trace.requests");
    assertThatThrownBy(
            () -> of(Map.of(), List.of(new Given(-1, Optional.empty(), OptionalDouble.empty(), 0))))
        .hasMessageContainingAll("trace.requests[0].atMillis", "-1");
    assertThatThrownBy(
            () ->
                new WhatIfQuestion(
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Nodes.same(),
                    Keys.OWNER,
                    1,
                    0,
                    1))
        .hasMessageContaining("speed");
  }

  @Test
  void oneQuestionIsAnsweredAtATime() throws Exception {
    CompletableFuture<WhatIfAnswer> first =
        CompletableFuture.supplyAsync(
            () -> office.answer(of(algorithm("slow"), trace(10, 1, false))));
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(() -> office.answer(of(Map.of(), trace(10, 1, false))))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));

    go.countDown();
    assertThat(first.get(30, TimeUnit.SECONDS).simulated().algorithm()).isEqualTo("slow");
    assertThat(office.answer(of(Map.of(), trace(10, 1, false))).trace().requests()).isEqualTo(10);
  }

  @Test
  void afterAMistakeTheNextQuestionIsAnswered() {
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> office.answer(of(algorithm("fastest"), trace(10, 1, false))))
          .hasMessageContaining("fastest");
    }
    assertThat(office.answer(of(Map.of(), trace(10, 1, false))).trace().requests()).isEqualTo(10);
  }

  /** A strategy that is made when the test says so. */
  private LoadBalancerStrategy slow(long seed) {
    begun.countDown();
    try {
      assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new RoundRobin(seed);
  }
}
