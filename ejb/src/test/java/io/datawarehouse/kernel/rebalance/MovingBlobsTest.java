package io.datawarehouse.kernel.rebalance;

import static io.datawarehouse.kernel.rebalance.MovingCluster.GRACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments that move from node to node while clients go on. */
class MovingBlobsTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final NodeId THIRD = new NodeId("node-3");

  private final MovingCluster cluster = new MovingCluster(3);

  private RebalanceOffice office() {
    return cluster.node(2).moves.office();
  }

  /** Plans that the segments of some keys go to a node. */
  private String planned(NodeId to, String... keys) {
    Map<Integer, NodeId> moves = new HashMap<>();
    for (String key : keys) {
      moves.put(cluster.segment(key), to);
    }
    return office().preview(moves, "tester").id();
  }

  private String started(NodeId to, String... keys) {
    String plan = planned(to, keys);
    office().start(plan, "tester");
    return plan;
  }

  /** A key that a node owns. */
  private String keyOn(NodeId node, String prefix) {
    for (int i = 0; i < 10_000; i++) {
      if (cluster.owner(prefix + i).equals(node)) {
        return prefix + i;
      }
    }
    throw new AssertionError("no key on " + node);
  }

  private MovingCluster.Node on(String key) {
    return cluster.nodes.get(cluster.owner(key));
  }

  /** Does something once, as soon as a message of some kind is about to arrive. */
  private void onceBefore(io.datawarehouse.sdk.message.Topic topic, Runnable work) {
    cluster.beforeArrival = once(topic, work, () -> cluster.beforeArrival = (node, m) -> {});
  }

  private void onceAfter(io.datawarehouse.sdk.message.Topic topic, Runnable work) {
    cluster.beforeAnswer = once(topic, work, () -> cluster.beforeAnswer = (node, m) -> {});
  }

  private static BiConsumer<NodeId, Message> once(
      io.datawarehouse.sdk.message.Topic topic, Runnable work, Runnable off) {
    return (node, message) -> {
      if (message.topic().equals(topic)) {
        off.run();
        work.run();
      }
    };
  }

  @Test
  void segmentMovesWithItsBlobsAsTheyAre() {
    String key = keyOn(new NodeId("node-1"), "a");
    String stays = keyOn(new NodeId("node-1"), "b");
    BlobManifest before = cluster.write(key, "content");
    cluster.write(stays, "stays");

    String plan = started(THIRD, key);
    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.owner(key)).isEqualTo(THIRD);
    assertThat(cluster.owner(stays)).isEqualTo(new NodeId("node-1"));
    BlobManifest after = cluster.node(3).store.findManifest(before.blobKey()).orElseThrow();
    assertThat(io.datawarehouse.kernel.blob.BlobCopies.same(before, after)).isTrue();
    cluster.nodes.keySet().forEach(at -> assertThat(cluster.read(at, key)).contains("content"));
    assertThat(cluster.audit).contains("plan started by tester: " + plan);
  }

  @Test
  void previewSaysWhatWouldMoveAndMovesNothing() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");

    RebalancePlan plan = office().preview(Map.of(cluster.segment(key), THIRD), "tester");
    for (int i = 0; i < 5; i++) {
      cluster.round();
    }

    assertThat(plan.state()).isEqualTo(PlanState.PREVIEW);
    assertThat(plan.moves())
        .containsExactly(new PlanMove(cluster.segment(key), new NodeId("node-1"), THIRD, 7));
    assertThat(plan.totalBytes()).isEqualTo(7);
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
  }

  @Test
  void copiesAreNeitherListedNorCountedBeforeAndAfterTheSwitch() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      keys.add("key-%02d".formatted(i));
      cluster.write(keys.get(i), "content " + i);
    }
    Runnable shownOnce =
        () ->
            cluster
                .nodes
                .values()
                .forEach(
                    node -> {
                      assertThat(cluster.list(node)).isEqualTo(keys);
                      assertThat(cluster.count(node)).isEqualTo(30);
                    });
    List<Runnable> checked = new ArrayList<>();
    String plan = started(THIRD, keys.toArray(String[]::new));
    cluster.beforeAnswer =
        (node, message) -> {
          if (message.topic().name().startsWith("kernel.moves.")) {
            cluster.beforeAnswer = (n, m) -> {};
            shownOnce.run();
            checked.add(shownOnce);
          }
        };
    cluster.until(plan, PlanState.DONE);

    assertThat(checked).isNotEmpty();
    shownOnce.run();
    assertThat(MovingCluster.stored(cluster.node(1)) + MovingCluster.stored(cluster.node(2)))
        .isPositive();

    cluster.clock.advance(GRACE);
    cluster.round();
    cluster.round();

    assertThat(MovingCluster.stored(cluster.node(1))).isZero();
    assertThat(MovingCluster.stored(cluster.node(2))).isZero();
    shownOnce.run();
  }

  @Test
  void changesMadeWhileCopyingCome() {
    NodeId first = new NodeId("node-1");
    String changed = keyOn(first, "a");
    String deleted = keyOn(first, "b");
    String made = keyOn(first, "c");
    cluster.write(changed, "old");
    cluster.write(deleted, "old");
    String plan = started(THIRD, changed, deleted, made);
    onceAfter(
        NodeMoves.STORE,
        () -> {
          cluster.write(changed, "new");
          cluster.delete(deleted);
          cluster.write(made, "made");
        });

    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.read(THIRD, changed)).contains("new");
    assertThat(cluster.read(THIRD, deleted)).isEmpty();
    assertThat(cluster.read(THIRD, made)).contains("made");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 30_000})
  void changesThatOutrunTheCopyingAreSlowedDownAndAllCome(int size) {
    String padding = "x".repeat(size);
    NodeId first = new NodeId("node-1");
    List<String> keys = new ArrayList<>();
    for (int i = 0; keys.size() < 400; i++) {
      String key = "key-" + i;
      if (cluster.owner(key).equals(first)) {
        keys.add(key);
        cluster.write(key, "before");
      }
    }
    String plan = started(THIRD, keys.toArray(String[]::new));
    Map<String, String> latest = new HashMap<>();
    List<CompletableFuture<Reply>> begun = new ArrayList<>();
    AtomicInteger stored = new AtomicInteger();
    // Eight clients that write twice as fast as copies are sent, each waiting for its answer.
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.STORE)) {
            assertThat(stored.incrementAndGet()).as("copies sent").isLessThan(20_000);
            cluster.node(1).ticker.addAndGet(TimeUnit.MILLISECONDS.toNanos(20));
            for (int i = 0; i < 2; i++) {
              if (begun.stream().filter(write -> !write.isDone()).count() < 8) {
                String key = keys.get(begun.size() % keys.size());
                latest.put(key, "version " + begun.size() + padding);
                begun.add(cluster.begin(first, MovingCluster.writing(key, latest.get(key)), key));
              }
            }
          }
        };

    cluster.until(plan, PlanState.DONE);
    cluster.beforeArrival = (node, message) -> {};
    cluster.round();

    assertThat(begun).hasSizeGreaterThan(2 * keys.size());
    begun.forEach(write -> assertThat(MovingCluster.await(write)).isNotNull());
    for (String key : keys) {
      assertThat(cluster.owner(key)).isEqualTo(THIRD);
      assertThat(cluster.read(THIRD, key)).contains(latest.getOrDefault(key, "before"));
    }
  }

  @Test
  void blobTooLargeToBeWaitedForIsSentBeforeTheSwitch() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "old");
    String plan = started(THIRD, key);
    String large = "x".repeat(9 << 20);
    onceAfter(NodeMoves.STORE, () -> cluster.write(key, large));

    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.owner(key)).isEqualTo(THIRD);
    assertThat(cluster.read(THIRD, key).map(String::length)).contains(large.length());
  }

  @Test
  void writeDuringTheSwitchWaitsAndIsMadeByTheNewOwner() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "old");
    String plan = started(THIRD, key);
    List<CompletableFuture<Reply>> waiting = new ArrayList<>();
    onceAfter(
        NodeMoves.CLOSE,
        () -> {
          waiting.add(cluster.begin(new NodeId("node-1"), MovingCluster.writing(key, "new"), key));
          // However often it is tried meanwhile.
          for (int i = 0; i < 100; i++) {
            cluster.node(1).service.retryWaiting();
          }
        });

    cluster.until(plan, PlanState.DONE);
    cluster.round();

    assertThat(waiting).hasSize(1);
    Reply unused = MovingCluster.await(waiting.get(0));
    assertThat(cluster.node(3).store.findManifest(new BlobKey(MovingCluster.BUCKET, key)))
        .map(BlobManifest::size)
        .contains(3L);
    cluster.nodes.keySet().forEach(at -> assertThat(cluster.read(at, key)).contains("new"));
  }

  @Test
  void readDuringTheSwitchIsAnswered() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    List<String> seen = new ArrayList<>();
    onceAfter(NodeMoves.SEAL, () -> cluster.read(new NodeId("node-1"), key).ifPresent(seen::add));

    cluster.until(plan, PlanState.DONE);

    assertThat(seen).containsExactly("content");
  }

  @Test
  void readAtTheOldOwnerThatHasNotHeardYetSeesWhatTheNewOneHasTaken() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "old");
    cluster.agreement.lead(new NodeId("node-2"));
    String plan = started(THIRD, key);
    AtomicBoolean sealed = new AtomicBoolean();
    onceAfter(
        NodeMoves.SEAL,
        () -> {
          sealed.set(true);
          cluster.agreement.quiet(true);
        });
    while (cluster.node(2).moves.office().plan(plan).state() != PlanState.DONE) {
      cluster.node(2).moves.tick();
      // From the seal on node-1 hears of nothing more by itself.
      if (!sealed.get()) {
        cluster.node(1).moves.tick();
      }
    }
    cluster.node(3).moves.tick();
    Reply unused =
        MovingCluster.await(cluster.begin(THIRD, MovingCluster.writing(key, "new"), key));
    assertThat(cluster.node(1).board.table().orElseThrow().owner(cluster.segment(key)))
        .as("what node-1 knows")
        .isEqualTo(new NodeId("node-1"));

    assertThat(cluster.read(new NodeId("node-1"), key)).contains("new");
  }

  @Test
  void copyThatArrivesLateChangesNothing() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "old");
    String plan = started(THIRD, key);
    List<Message> late = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    cluster.beforeArrival =
        (node, message) -> {
          if (message.topic().equals(NodeMoves.STORE) && late.isEmpty()) {
            late.add(message);
            cluster.write(key, "new");
            throw new WarehouseException(StandardErrorCode.TIMEOUT, "it is still on its way");
          }
          if (message.topic().equals(NodeMoves.CLOSE) && refused.isEmpty()) {
            refused.add("tried");
            Message again =
                late.get(0)
                    .copy()
                    .content(
                        io.datawarehouse.sdk.message.Content.of(
                            io.datawarehouse.sdk.message.Bytes.utf8("old"), "text/plain"))
                    .build();
            assertCode(
                StandardErrorCode.PLAN_CONFLICT,
                () -> MovingCluster.await(cluster.requestAt(THIRD, again)));
          }
        };

    cluster.until(plan, PlanState.DONE);

    assertThat(refused).isNotEmpty();
    assertThat(cluster.read(THIRD, key)).contains("new");
  }

  @Test
  void planIsRefusedWhereTheTableHasChangedSince() {
    String key = keyOn(new NodeId("node-1"), "a");
    String plan = planned(THIRD, key);
    changeTable(Map.of(cluster.segment(key) ^ 1, THIRD));

    assertCode(StandardErrorCode.TOPOLOGY_CHANGED, () -> office().start(plan, "tester"));
  }

  private void changeTable(Map<Integer, NodeId> moves) {
    cluster.agreement.propose(
        new ClusterCommand.Put(
            SegmentTable.ADDRESS, cluster.table().with(moves).toText(), OptionalLong.empty()),
        LIMIT);
  }

  @Test
  void runningPlanFailsWhereTheTableChangesAndWhatWasCopiedGoes() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    onceAfter(NodeMoves.STORE, () -> changeTable(Map.of(cluster.segment(key) ^ 1, THIRD)));

    cluster.until(plan, PlanState.FAILED);
    cluster.round();
    cluster.round();

    assertThat(office().plan(plan).reason()).startsWith("TOPOLOGY_CHANGED");
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
    assertThat(cluster.read(THIRD, key)).contains("content");
    assertThat(cluster.count(cluster.node(2))).isEqualTo(1);
  }

  @Test
  void planToANodeThatIsNotActiveIsRefused() {
    String key = keyOn(new NodeId("node-1"), "a");
    String plan = planned(THIRD, key);
    cluster.node(2).cluster.move("node-3", NodeState.DEAD, "the test");

    assertCode(StandardErrorCode.TOPOLOGY_CHANGED, () -> office().start(plan, "tester"));
  }

  @Test
  void abortedPlanLeavesEverythingWhereItWas() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    onceAfter(NodeMoves.STORE, () -> office().abort(plan, "tester"));
    cluster.round();
    cluster.round();
    cluster.round();

    assertThat(cluster.state(plan)).isEqualTo(PlanState.ABORTED);
    assertThat(cluster.owner(key)).isEqualTo(new NodeId("node-1"));
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
    cluster.write(key, "goes on");
    assertThat(cluster.read(THIRD, key)).contains("goes on");
    assertCode(StandardErrorCode.PLAN_CONFLICT, () -> office().abort(plan, "tester"));
  }

  @Test
  void abortInTheMiddleOfTheSwitchWinsOrSaysThatItIsTooLate() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    onceAfter(NodeMoves.SEAL, () -> office().abort(plan, "tester"));

    cluster.until(plan, PlanState.ABORTED);
    cluster.round();
    cluster.round();

    assertThat(cluster.owner(key)).isEqualTo(new NodeId("node-1"));
    cluster.write(key, "goes on");
    assertThat(cluster.read(THIRD, key)).contains("goes on");
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
  }

  @Test
  void pausedPlanWaitsAndGoesOn() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    office().pause(plan, "tester");
    for (int i = 0; i < 5; i++) {
      cluster.round();
    }
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
    cluster.write(key, "changed meanwhile");

    office().resume(plan, "tester");
    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.read(new NodeId("node-2"), key)).contains("changed meanwhile");
  }

  @Test
  void oneTheTwoPlansRunsAtATime() {
    String first = started(THIRD, keyOn(new NodeId("node-1"), "a"));
    String second = planned(THIRD, keyOn(new NodeId("node-2"), "b"));

    assertCode(StandardErrorCode.PLAN_CONFLICT, () -> office().start(second, "tester"));
    assertCode(StandardErrorCode.PLAN_CONFLICT, () -> office().start(first, "tester"));
  }

  @Test
  void whatWasDeletedWhileTheSourceWasRestartedDoesNotComeBack() {
    NodeId first = new NodeId("node-1");
    String kept = keyOn(first, "a");
    String deleted = keyOn(first, "b");
    cluster.write(kept, "kept");
    cluster.write(deleted, "deleted");
    String plan = started(THIRD, kept, deleted);
    office().pause(plan, "tester");
    cluster.round();
    office().resume(plan, "tester");
    // Everything is copied; then the source forgets what it has seen.
    cluster.node(1).moves.tick();
    cluster.node(1).restart();
    cluster.delete(deleted);

    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.read(THIRD, kept)).contains("kept");
    assertThat(cluster.read(THIRD, deleted)).isEmpty();
  }

  @Test
  void sealStandsOverARestartUntilTheTableIsKnown() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    onceAfter(NodeMoves.SEAL, () -> cluster.agreement.available(false));
    for (int i = 0; i < 3; i++) {
      cluster.node(1).moves.tick();
    }
    cluster.node(1).restart();
    CompletableFuture<Reply> write =
        cluster.begin(new NodeId("node-1"), MovingCluster.writing(key, "new"), key);
    cluster.node(1).moves.tick();

    assertThat(write).isNotDone();

    cluster.agreement.available(true);
    cluster.until(plan, PlanState.DONE);
    cluster.round();
    Reply unused = MovingCluster.await(write);
    assertThat(cluster.read(THIRD, key)).contains("new");
    assertThat(cluster.owner(key)).isEqualTo(THIRD);
  }

  @Test
  void nextLeaderGoesOnWhereTheLastOneWas() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    onceAfter(NodeMoves.SEAL, () -> cluster.agreement.lead(new NodeId("node-2")));

    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.read(new NodeId("node-2"), key)).contains("content");
  }

  @Test
  void planFailsWhereANodeHasLeftForGood() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    String plan = started(THIRD, key);
    cluster.away.add(THIRD);
    cluster.round();
    cluster.node(1).cluster.move("node-3", NodeState.DEAD, "the test");

    cluster.until(plan, PlanState.FAILED);

    assertThat(office().plan(plan).reason()).contains("node-3");
    assertThat(cluster.read(new NodeId("node-1"), key)).contains("content");
    cluster.write(key, "goes on");
  }

  @Test
  void blobThatCannotBeReadFailsThePlanAndStays() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    cluster.node(1).store.contentFilter =
        stream -> {
          throw new WarehouseException(StandardErrorCode.BLOB_CORRUPT, "damaged");
        };
    String plan = started(THIRD, key);

    cluster.until(plan, PlanState.FAILED);

    assertThat(office().plan(plan).reason()).contains("BLOB_CORRUPT");
    assertThat(cluster.owner(key)).isEqualTo(new NodeId("node-1"));
  }

  @Test
  void segmentThatComesBackHasNoBlobsFromBefore() {
    NodeId first = new NodeId("node-1");
    String key = keyOn(first, "a");
    String other = keyOn(first, "b");
    cluster.write(key, "old");
    cluster.write(other, "same");
    cluster.until(started(THIRD, key, other), PlanState.DONE);
    cluster.delete(key);

    cluster.until(started(first, key, other), PlanState.DONE);

    assertThat(cluster.read(first, key)).isEmpty();
    assertThat(cluster.read(first, other)).contains("same");
    cluster.clock.advance(GRACE);
    cluster.round();
    cluster.round();
    assertThat(cluster.read(first, other)).contains("same");
    assertThat(cluster.count(cluster.node(2))).isEqualTo(1);
    assertThat(MovingCluster.stored(cluster.node(3))).isZero();
  }

  @Test
  void planGivesEachNodeItsShareWithinTheLimit() {
    changeTable(allTo("node-1"));
    for (int i = 0; i < 200; i++) {
      cluster.write("key-" + i, "0123456789");
    }

    RebalancePlan little = office().preview(OptionalInt.of(10), "tester");
    RebalancePlan whole = office().preview(OptionalInt.empty(), "tester");

    assertThat(little.totalBytes()).isLessThanOrEqualTo(200);
    assertThat(whole.moves()).hasSize(170);
    office().start(whole.id(), "tester");
    cluster.until(whole.id(), PlanState.DONE);
    for (int i = 0; i < 200; i++) {
      assertThat(cluster.read(new NodeId("node-2"), "key-" + i)).contains("0123456789");
    }
    assertCode(
        StandardErrorCode.PLAN_CONFLICT, () -> office().preview(OptionalInt.empty(), "tester"));
  }

  @Test
  void longWriteOfAPartIsWaitedForAndThenThatPartStays() {
    NodeId first = new NodeId("node-1");
    String quick = keyOn(first, "a");
    String slow = keyOn(first, "b");
    cluster.write(quick, "quick");
    cluster.write(slow, "slow");
    String plan = started(THIRD, quick, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      for (int i = 0; i < 6; i++) {
        cluster.round();
      }
      assertThat(cluster.state(plan)).isEqualTo(PlanState.RUNNING);
      cluster.write(quick, "changed meanwhile");

      cluster.until(plan, PlanState.DONE);

      assertThat(cluster.owner(quick)).isEqualTo(THIRD);
      assertThat(cluster.owner(slow)).isEqualTo(first);
      assertThat(write).isNotNull();
    }
    RebalancePlan done = office().plan(plan);
    assertThat(done.reason()).contains("STAYS", "[" + cluster.segment(slow) + "]");
    assertThat(done.moves()).extracting(PlanMove::segment).containsExactly(cluster.segment(quick));
    cluster.write(slow, "goes on");
    cluster.round();
    cluster.round();
    assertThat(MovingCluster.stored(cluster.node(3))).as("what did not come is gone").isEqualTo(1);
    cluster
        .nodes
        .values()
        .forEach(
            node -> {
              assertThat(cluster.read(node.id, quick)).contains("changed meanwhile");
              assertThat(cluster.read(node.id, slow)).contains("goes on");
              assertThat(cluster.count(node)).isEqualTo(2);
            });
  }

  private static BlobKey blob(String key) {
    return new BlobKey(MovingCluster.BUCKET, key);
  }

  @Test
  void partThatStayedMovesByALaterPlan() {
    NodeId first = new NodeId("node-1");
    String quick = keyOn(first, "a");
    String slow = keyOn(first, "b");
    cluster.write(quick, "quick");
    cluster.write(slow, "slow");
    String plan = started(THIRD, quick, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      cluster.until(plan, PlanState.DONE);
      assertThat(write).isNotNull();
    }

    cluster.until(started(THIRD, slow), PlanState.DONE);

    assertThat(cluster.read(THIRD, slow)).contains("slow");
    assertThat(cluster.count(cluster.node(2))).isEqualTo(2);
  }

  @Test
  void receiverThatIsRestartedKeepsOnlyWhatIsStillToCome() {
    NodeId first = new NodeId("node-1");
    String quick = keyOn(first, "a");
    String slow = keyOn(first, "b");
    cluster.write(quick, "quick");
    cluster.write(slow, "slow");
    String plan = started(THIRD, quick, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      cluster.until(() -> office().plan(plan).reason().contains("STAYS"));
      onceAfter(NodeMoves.OPEN, cluster.node(3)::restart);

      cluster.until(plan, PlanState.DONE);

      assertThat(write).isNotNull();
    }
    cluster.round();
    cluster.round();
    assertThat(MovingCluster.stored(cluster.node(3))).isEqualTo(1);
    cluster.nodes.values().forEach(node -> assertThat(cluster.count(node)).isEqualTo(2));
  }

  @Test
  void longWriteOfAllThatMovesIsWaitedForLongerButNotForEver() {
    String slow = keyOn(new NodeId("node-1"), "a");
    cluster.write(slow, "slow");
    String plan = started(THIRD, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      cluster.round();
      cluster.round();
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(30));
      cluster.round();
      assertThat(cluster.state(plan)).isEqualTo(PlanState.RUNNING);

      assertThat(write.brokenOff()).isFalse();
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(31));
      cluster.until(write::brokenOff);
      assertThat(cluster.state(plan)).as("it goes on trying").isNotEqualTo(PlanState.FAILED);
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(60));
      cluster.until(plan, PlanState.FAILED);
    }
    assertThat(office().plan(plan).reason()).contains("[" + cluster.segment(slow) + "]");
    cluster.write(slow, "goes on");
    cluster.round();
    assertThat(cluster.read(THIRD, slow)).contains("goes on");
    cluster.until(started(THIRD, slow), PlanState.DONE);
    assertThat(cluster.read(THIRD, slow)).contains("goes on");
  }

  @Test
  void timeInWhichAPlanIsPausedIsNotCountedAgainstLongWrites() {
    String slow = keyOn(new NodeId("node-1"), "a");
    cluster.write(slow, "slow");
    String plan = started(THIRD, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      cluster.round();
      cluster.round();
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(30));
      cluster.round();
      office().pause(plan, "tester");
      cluster.round();
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(100));
      cluster.round();
      office().resume(plan, "tester");
      for (int i = 0; i < 10; i++) {
        cluster.round();
      }
      assertThat(write.brokenOff()).isFalse();
      assertThat(cluster.state(plan)).isEqualTo(PlanState.RUNNING);

      cluster.pass(MovingCluster.PATIENCE.multipliedBy(31));
      cluster.until(write::brokenOff);
    }
    cluster.until(plan, PlanState.DONE);
  }

  @Test
  void longWriteOfAllThatMovesIsBrokenOffInTheEndAndBegunAgainAtTheNewOwner() throws Exception {
    String slow = keyOn(new NodeId("node-1"), "a");
    cluster.write(slow, "before");
    String plan = started(THIRD, slow);
    PipedOutputStream sender = new PipedOutputStream();
    Content content = Content.of(new PipedInputStream(sender), OptionalLong.empty(), "text/plain");
    ExecutorService client = Executors.newSingleThreadExecutor();
    try {
      Future<Reply> writing =
          client.submit(
              () ->
                  MovingCluster.await(
                      cluster.begin(
                          new NodeId("node-1"),
                          MovingCluster.writing(slow, "").content(content),
                          slow)));
      await().until(() -> cluster.node(1).gate.underWay(key -> true, -1).size() == 1);
      cluster.pass(Duration.ofSeconds(2));
      cluster.round();
      cluster.round();
      cluster.pass(MovingCluster.PATIENCE.multipliedBy(61));
      cluster.until(
          () -> {
            // A piece every now and then, for ever.
            sendPiece(sender);
            return writing.isDone();
          });
      cluster.until(plan, PlanState.DONE);

      assertThatThrownBy(writing::get)
          .hasCauseInstanceOf(WarehouseException.class)
          .hasMessageContaining("begin again");
    } finally {
      client.shutdownNow();
    }
    assertThat(cluster.read(THIRD, slow)).contains("before");
    cluster.write(slow, "again");
    assertThat(cluster.read(new NodeId("node-1"), slow)).contains("again");
  }

  private static void sendPiece(OutputStream sender) {
    try {
      sender.write(new byte[1_024]);
      sender.flush();
    } catch (IOException e) {
      // The reader is gone: it was broken off.
    }
  }

  @Test
  void longWriteThatEndsInTimeMovesWithTheRest() {
    NodeId first = new NodeId("node-1");
    String quick = keyOn(first, "a");
    String slow = keyOn(first, "b");
    cluster.write(quick, "quick");
    cluster.write(slow, "slow");
    String plan = started(THIRD, quick, slow);
    try (Territory.Passage write = cluster.node(1).gate.enter(blob(slow))) {
      cluster.pass(Duration.ofSeconds(2));
      for (int i = 0; i < 6; i++) {
        cluster.round();
      }
      assertThat(write).isNotNull();
    }

    cluster.until(plan, PlanState.DONE);

    assertThat(cluster.owner(slow)).isEqualTo(THIRD);
    assertThat(office().plan(plan).reason()).isEmpty();
  }

  private Map<Integer, NodeId> allTo(String node) {
    Map<Integer, NodeId> all = new HashMap<>();
    for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
      all.put(segment, new NodeId(node));
    }
    return all;
  }

  @Test
  void bucketThatIsEmptiedAfterAMoveCanBeDeleted() {
    String key = keyOn(new NodeId("node-1"), "a");
    cluster.write(key, "content");
    cluster.until(started(THIRD, key), PlanState.DONE);
    cluster.delete(key);
    assertThat(MovingCluster.stored(cluster.node(1))).isEqualTo(1);

    Reply unused =
        cluster
            .node(2)
            .ask(
                Message.command(
                    io.datawarehouse.sdk.blob.StorageTopics.BUCKET_DELETE,
                    io.datawarehouse.sdk.message.Payload.of(
                        new io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket(
                            MovingCluster.BUCKET))));

    cluster
        .nodes
        .values()
        .forEach(node -> assertThat(node.store.findBucket(MovingCluster.BUCKET)).isEmpty());
  }

  private static void assertCode(ErrorCode code, Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
