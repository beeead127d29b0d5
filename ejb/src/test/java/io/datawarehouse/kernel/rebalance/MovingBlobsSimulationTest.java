package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.kernel.placement.Territory;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients write, delete and read while segments move to and fro, messages and agreements get lost
 * or come late, plans are paused and aborted, leaders change, and nodes restart: whatever was
 * acknowledged is what everybody reads, all the time and in the end. What happens is drawn from a
 * seed; one thread does it all, also in the middle of each other.
 */
class MovingBlobsSimulationTest {

  private static final int STEPS = 900;
  private static final int KEYS = 24;
  private static final int HOT_KEYS = 3;

  static Stream<Long> seeds() {
    String wanted = System.getProperty("seeds", "");
    if (!wanted.isEmpty()) {
      return Stream.of(wanted.split(",")).map(Long::valueOf);
    }
    long count = Long.getLong("seedCount", 10);
    return Stream.iterate(Long.getLong("firstSeed", 1), seed -> seed + 1).limit(count);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void acknowledgedStateIsWhatEverybodyReads(long seed) {
    new Run(seed, false, false, false).run();
  }

  /**
   * The bucket has segments of its own, some of which may lie on two of the nodes only; nodes are
   * drained and taken back, and plans have several parts.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void acknowledgedStateIsWhatEverybodyReadsAlsoInOwnSegments(long seed) {
    Run run = new Run(seed, false, false, true);
    run.run();
    assertThat(run.moved).as("plans that came true").isPositive();
  }

  @Test
  void acknowledgedStateIsWhatEverybodyReadsAlsoFromCopies() {
    double hits = 0;
    for (long seed : seeds().toList()) {
      Run run = new Run(seed, true, false, false);
      run.run();
      hits += run.hits();
    }
    // It must have been about something.
    assertThat(hits).as("reads from copies").isGreaterThan(100);
  }

  @ParameterizedTest(name = "own segments: {0}")
  @ValueSource(booleans = {false, true})
  void acknowledgedStateIsWhatEverybodyReadsAlsoWhileWritesTakeLong(boolean own) {
    int stayed = 0;
    int moved = 0;
    for (long seed : seeds().toList()) {
      Run run = new Run(seed, false, true, own);
      run.run();
      stayed += run.stayed;
      moved += run.moved;
    }
    assertThat(moved).as("plans that came true").isPositive();
    if (!own) {
      assertThat(stayed).as("plans of which a part stayed").isPositive();
    }
  }

  /** A change under way, and the node that makes it. */
  private record LongWrite(String key, NodeId node, Territory.Passage passage) {}

  /** What a key may hold: several things where it is not known how a request ended. */
  private static final class Cell {
    private final Set<Optional<String>> possible = new HashSet<>(Set.of(Optional.empty()));
    private boolean busy;
  }

  private static final class Run {

    private final long seed;
    private final boolean copies;
    private final boolean longWrites;
    private final boolean own;
    private final List<LongWrite> open = new ArrayList<>();
    private int stayed;
    private final Random random;
    private final ShakyAgreement agreement;
    private final MovingCluster cluster;
    private final Map<String, Cell> cells = new TreeMap<>();
    private final Map<String, CompletableFuture<Reply>> waiting = new HashMap<>();

    /** Where the last request of a key came to last. */
    private final Map<String, NodeId> lastAt = new HashMap<>();

    private final List<NodeId> ids;
    private int depth;
    private int writes;
    private int moved;
    private boolean calm;

    /**
     * Makes a run.
     *
     * @param copies whether nodes keep copies of what is hot; it is read more then, and anywhere
     * @param longWrites whether some changes take long
     * @param own whether the bucket has segments of its own
     */
    Run(long seed, boolean copies, boolean longWrites, boolean own) {
      this.seed = seed;
      this.copies = copies;
      this.longWrites = longWrites;
      this.own = own;
      this.random = new Random(seed);
      FakeAgreement inner = new FakeAgreement(new NodeId("node-1"));
      this.agreement = new ShakyAgreement(inner, random);
      this.cluster =
          new MovingCluster(
              3,
              inner,
              agreement,
              copies ? Optional.of(MovingCluster.hotOver(1)) : Optional.empty());
      this.ids = List.copyOf(cluster.nodes.keySet());
      for (int i = 0; i < keys(); i++) {
        cells.put("key-" + i, new Cell());
      }
      if (own) {
        divide();
      }
      cluster.beforeArrival = this::arrival;
      cluster.beforeAnswer = this::answer;
      cluster
          .nodes
          .values()
          .forEach(
              node -> {
                node.store.beforeChange = this::inBetweenChanges;
                node.store.afterChange = this::inBetweenChanges;
              });
    }

    private void divide() {
      cluster.see("node-1", "east");
      cluster.see("node-2", "east");
      cluster.see("node-3", "west");
      var unused =
          cluster.reshard(
              "directory",
              "{'entries': [{'prefix': 'key-1', 'zones': ['east'], 'ways': 3},"
                  + " {'prefix': 'key-2', 'zones': ['east', 'west'], 'ways': 2}]}");
    }

    private int keys() {
      return copies ? HOT_KEYS : KEYS;
    }

    /** Returns how often what was read came from a copy. */
    double hits() {
      return cluster.nodes.values().stream()
          .mapToDouble(node -> node.metrics.count("heat.copies.hits"))
          .sum();
    }

    void run() {
      try {
        for (int i = 0; i < STEPS; i++) {
          step();
          requireResidency();
        }
        settleDown();
        compareAll();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("with seed " + seed + ": " + e, e);
      }
    }

    /** Whatever a node goes by, no key is owned where it must not lie. */
    private void requireResidency() {
      for (MovingCluster.Node node : cluster.nodes.values()) {
        ShardMap map = node.maps.find(MovingCluster.BUCKET).orElse(ShardMap.HASHED);
        for (ShardMap.Own each : map.own()) {
          ClusterNode owner =
              node.cluster.membership().view().find(each.owner().orElseThrow()).orElseThrow();
          assertThat(map.residency(each.segment()).admits(owner.descriptor()))
              .as("segment %d on %s", each.segment(), owner.id())
              .isTrue();
        }
      }
    }

    // ---- trouble -------------------------------------------------------------------------------

    private void arrival(NodeId node, Message message) {
      message.affinityKey().ifPresent(key -> lastAt.put(key, node));
      inBetween();
      loseSometimes(message);
    }

    private void answer(NodeId node, Message message) {
      inBetween();
      loseSometimes(message);
    }

    private void loseSometimes(Message message) {
      if (!calm && random.nextInt(100) < 2) {
        throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "lost " + message.topic());
      }
    }

    /** In the middle of something else clients go on, and so do nodes. */
    private void inBetween() {
      if (calm || depth >= 3 || random.nextInt(4) > 0) {
        return;
      }
      depth++;
      try {
        switch (random.nextInt(8)) {
          case 0 -> agreement.applyLate();
          case 1 -> tickOne();
          default -> client();
        }
      } finally {
        depth--;
      }
    }

    /** Around a change of a store other clients go on. */
    private void inBetweenChanges() {
      if (!calm && depth < 3 && random.nextInt(5) == 0) {
        depth++;
        client();
        depth--;
      }
    }

    /** A change begins, or one ends: until then its node must own the key. */
    private void writeLong() {
      if (open.size() > 2 || !open.isEmpty() && random.nextInt(8) == 0) {
        if (random.nextInt(8) > 0) {
          return;
        }
        end(open.remove(random.nextInt(open.size())));
        return;
      }
      String key = "key-" + random.nextInt(keys());
      NodeId owner = believedOwner(key);
      MovingCluster.Node node = cluster.nodes.get(owner);
      if (cluster.ownerByMap(owner, key).equals(owner)) {
        try {
          BlobKey blob = new BlobKey(MovingCluster.BUCKET, key);
          open.add(new LongWrite(key, owner, node.gate.enter(blob)));
        } catch (WarehouseException e) {
          requireExpected(e);
        }
      }
    }

    private void end(LongWrite write) {
      assertThat(cluster.agreedOwner(write.key))
          .as("owner of what is written")
          .isEqualTo(write.node);
      write.passage.close();
    }

    private void step() {
      if (longWrites && random.nextInt(12) == 0) {
        writeLong();
      }
      agreement.trouble = random.nextInt(10) == 0 ? 30 : 4;
      switch (random.nextInt(24)) {
        case 0 -> plan();
        case 1 -> {
          // A plan that is paused half of the time comes to no end of its patience.
          if (!longWrites || random.nextInt(5) == 0) {
            steer();
          }
        }
        case 2 -> restart();
        case 3 -> agreement.applyLate();
        case 4 -> cluster.agreement.quiet(random.nextInt(3) == 0);
        case 5 -> cluster.agreement.available(random.nextInt(5) > 0);
        case 6 -> cluster.agreement.lead(any());
        case 7 -> away();
        case 8 -> cluster.clock.advance(MovingCluster.GRACE.dividedBy(3));
        case 9, 10, 11, 12 -> cluster.round();
        case 13, 14 -> tickOne();
        default -> client();
      }
    }

    private NodeId any() {
      return ids.get(random.nextInt(ids.size()));
    }

    private void tickOne() {
      MovingCluster.Node node = cluster.nodes.get(any());
      node.ticker.addAndGet(300_000_000L);
      if (!cluster.away.contains(node.id)) {
        node.tick();
      }
    }

    private void away() {
      if (cluster.away.isEmpty() && random.nextBoolean()) {
        cluster.away.add(any());
      } else {
        cluster.away.clear();
      }
    }

    private void restart() {
      NodeId node = any();
      open.removeIf(write -> write.node.equals(node));
      cluster.nodes.get(node).restart();
      // What waits in that process gets no answer; what waits in another one goes on there.
      List<CompletableFuture<Reply>> lost = new ArrayList<>();
      waiting.forEach(
          (key, reply) -> {
            if (node.equals(lastAt.get(new BlobKey(MovingCluster.BUCKET, key).affinityKey()))) {
              lost.add(reply);
            }
          });
      lost.forEach(
          reply ->
              reply.completeExceptionally(
                  new WarehouseException(StandardErrorCode.UNAVAILABLE, "the node restarts")));
    }

    // ---- plans ---------------------------------------------------------------------------------

    private void plan() {
      RebalanceOffice office = cluster.nodes.get(any()).moves.office();
      if (own && random.nextBoolean()) {
        drain(office);
        return;
      }
      Map<Integer, NodeId> moves = new HashMap<>();
      int count = 1 + random.nextInt(8);
      for (int i = 0; i < count; i++) {
        moves.put(cluster.segment("key-" + random.nextInt(keys())), any());
      }
      try {
        List<WantedMove> wanted = new ArrayList<>();
        moves.forEach((segment, to) -> wanted.add(new WantedMove(Optional.empty(), segment, to)));
        if (own) {
          int segment = 256 + random.nextInt(5);
          wanted.add(new WantedMove(Optional.of(MovingCluster.BUCKET), segment, any()));
        }
        office.start(office.preview(wanted, "the test").id(), "the test");
      } catch (WarehouseException e) {
        // Another one runs, nothing moves, or the cluster cannot be asked.
        requireExpected(e);
      }
    }

    /** All is to leave a node, or to be even again. */
    private void drain(RebalanceOffice office) {
      ids.forEach(node -> cluster.see(node.value(), NodeState.ACTIVE));
      if (random.nextInt(3) > 0) {
        cluster.see(any().value(), NodeState.DRAINING);
      }
      try {
        office.start(office.preview(OptionalInt.empty(), "the test").id(), "the test");
      } catch (WarehouseException e) {
        requireExpected(e);
      }
    }

    private void steer() {
      RebalanceOffice office = cluster.nodes.get(any()).moves.office();
      for (RebalancePlan plan : office.plans()) {
        try {
          if (plan.state() == PlanState.PAUSED) {
            office.resume(plan.id(), "the test");
          } else if (plan.state().active() && random.nextInt(3) == 0) {
            office.abort(plan.id(), "the test");
          } else if (plan.state().active()) {
            office.pause(plan.id(), "the test");
          }
        } catch (WarehouseException e) {
          requireExpected(e);
        }
      }
    }

    private static void requireExpected(WarehouseException e) {
      assertThat(e.code())
          .as(e.detail())
          .isIn(
              StandardErrorCode.PLAN_CONFLICT,
              StandardErrorCode.TOPOLOGY_CHANGED,
              StandardErrorCode.INVALID_ARGUMENT,
              StandardErrorCode.UNAVAILABLE,
              StandardErrorCode.NOT_FOUND,
              StandardErrorCode.TIMEOUT,
              StandardErrorCode.OWNER_UNAVAILABLE);
    }

    // ---- clients -------------------------------------------------------------------------------

    private void client() {
      String key = "key-" + random.nextInt(keys());
      Cell cell = cells.get(key);
      if (cell.busy) {
        return;
      }
      switch (random.nextInt(copies ? 40 : 8)) {
        case 0, 1 -> change(key, cell, Optional.empty());
        case 2, 3, 4 -> change(key, cell, Optional.of("content " + writes++));
        default -> read(key, cell);
      }
    }

    /** Sends to whom some node believes to be the owner. */
    private NodeId believedOwner(String key) {
      if (own) {
        return cluster.ownerByMap(any(), key);
      }
      return cluster.nodes.get(any()).board.table().orElseThrow().owner(cluster.segment(key));
    }

    private void change(String key, Cell cell, Optional<String> next) {
      cell.busy = true;
      CompletableFuture<Reply> reply =
          cluster.begin(
              believedOwner(key),
              next.map(text -> MovingCluster.writing(key, text))
                  .orElseGet(() -> MovingCluster.deleting(key)),
              key);
      if (!reply.isDone()) {
        waiting.put(key, reply);
      }
      var unused =
          reply.whenComplete(
              (done, failure) -> {
                cell.busy = false;
                waiting.remove(key);
                ended(cell, next, failure);
              });
    }

    private void ended(Cell cell, Optional<String> next, Throwable failure) {
      if (failure == null) {
        cell.possible.clear();
        cell.possible.add(next);
        return;
      }
      WarehouseException why = Waiting.unwrapped(failure);
      if (why.code() == StandardErrorCode.NO_SUCH_BLOB) {
        assertThat(next).as("a write found no blob").isEmpty();
        assertThat(cell.possible).as("a delete found nothing").contains(Optional.empty());
        cell.possible.clear();
      } else {
        requireExpected(why);
      }
      cell.possible.add(next);
    }

    private void read(String key, Cell cell) {
      cell.busy = true;
      try {
        Optional<String> seen = cluster.read(copies ? any() : believedOwner(key), key);
        assertThat(cell.possible).as("what is read of " + key).contains(seen);
        cell.possible.clear();
        cell.possible.add(seen);
      } catch (WarehouseException e) {
        requireExpected(e);
      } finally {
        cell.busy = false;
      }
    }

    // ---- in the end ----------------------------------------------------------------------------

    private void settleDown() {
      calm = true;
      open.forEach(this::end);
      open.clear();
      agreement.trouble = 0;
      cluster.away.clear();
      cluster.agreement.available(true);
      cluster.agreement.quiet(false);
      for (int i = 0; i < 20; i++) {
        agreement.applyLate();
      }
      refresh(cluster.node(1));
      for (RebalancePlan plan : cluster.node(1).moves.office().plans()) {
        if (plan.state() == PlanState.PAUSED) {
          cluster.node(1).moves.office().resume(plan.id(), "the test");
        }
      }
      for (int i = 0; i < 60; i++) {
        cluster.nodes.values().forEach(node -> refresh(node));
        cluster.round();
      }
      cluster.clock.advance(MovingCluster.GRACE.multipliedBy(2));
      for (int i = 0; i < 6; i++) {
        cluster.round();
      }
      stayed =
          (int)
              cluster.node(1).moves.office().plans().stream()
                  .filter(plan -> plan.reason().startsWith("STAYS"))
                  .count();
      moved =
          (int)
              cluster.node(1).moves.office().plans().stream()
                  .filter(plan -> plan.state() == PlanState.DONE)
                  .count();
    }

    private static void refresh(MovingCluster.Node node) {
      node.moves.look();
    }

    private void compareAll() {
      List<String> there = new ArrayList<>();
      cells.forEach(
          (key, cell) -> {
            assertThat(cell.busy).as(key + " got no answer").isFalse();
            Optional<String> first = cluster.read(ids.get(0), key);
            assertThat(cell.possible).as("what is kept of " + key).contains(first);
            for (NodeId at : ids) {
              assertThat(cluster.read(at, key)).as("what %s says of %s", at, key).isEqualTo(first);
            }
            first.ifPresent(text -> there.add(key));
          });
      there.sort(null);
      for (MovingCluster.Node node : cluster.nodes.values()) {
        assertThat(cluster.list(node)).isEqualTo(there);
        assertThat(cluster.count(node)).isEqualTo(there.size());
      }
      assertThat(cluster.nodes.values().stream().mapToLong(MovingCluster::stored).sum())
          .as("copies that stay for ever")
          .isEqualTo(there.size());
      System.out.println("seed " + seed + ": " + writes + " writes, " + moved + " plans done");
    }
  }
}
