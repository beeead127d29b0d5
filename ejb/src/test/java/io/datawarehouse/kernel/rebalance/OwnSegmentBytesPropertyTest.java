package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.Spread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What evening out promises where buckets have segments of their own; every name has its seed. */
class OwnSegmentBytesPropertyTest {

  private static final long MEGA = 1L << 20;

  /** More than all plans that bring such a cluster to rest. */
  private static final int MANY_ROUNDS = 200;

  private static final Shard SHARD = new Shard("shard", "rule", Residency.ANYWHERE, Spread.own(1));

  static Stream<Long> seeds() {
    return LongStream.rangeClosed(1, Integer.getInteger("seedCount", 300)).boxed();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void noMoreThanTheBudgetMovesAndEachOnceToWhereItMayLie(long seed) {
    Drawn drawn = new Drawn(seed);

    BytesPlanner.Outcome found = drawn.plan();

    long moved = 0;
    for (OwnSegment.Move move : found.own()) {
      assertThat(drawn.placesOf(move.segment())).contains(move.to());
      assertThat(drawn.weights).containsKey(move.to());
      assertThat(move.to()).isNotEqualTo(move.segment().owner());
      moved += move.segment().bytes();
    }
    assertThat(found.own()).extracting(OwnSegment.Move::segment).doesNotHaveDuplicates();
    assertThat(found.own()).hasSizeLessThanOrEqualTo(OwnSegmentPlanner.MOST_MOVES);
    for (int segment : found.moves().keySet()) {
      assertThat(drawn.resting).doesNotContain(segment);
      moved += drawn.bytes.get(segment);
    }
    assertThat(found.movedBytes()).isEqualTo(moved).isLessThanOrEqualTo(drawn.budget);
    assertThat(found.own().isEmpty() && found.moves().isEmpty() || found.uneven()).isTrue();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void sameInputGivesTheSamePlan(long seed) {
    assertThat(new Drawn(seed).plan()).isEqualTo(new Drawn(seed).plan());
  }

  /** Each plan makes it better, or does nothing; so it ends, and nothing goes to and fro. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyPlanMakesItBetterUntilNothingIsLeftToDo(long seed) {
    Drawn drawn = new Drawn(seed);
    Map<Integer, Set<NodeId>> left = new HashMap<>();
    for (int round = 0; ; round++) {
      assertThat(round).as("rounds").isLessThan(MANY_ROUNDS);
      double before = drawn.distance();
      BytesPlanner.Outcome found = drawn.plan();
      if (found.own().isEmpty() && found.moves().isEmpty()) {
        return;
      }
      for (OwnSegment.Move move : found.own()) {
        Set<NodeId> owners =
            left.computeIfAbsent(move.segment().segment(), segment -> new HashSet<>());
        owners.add(move.segment().owner());
        assertThat(owners).as("owners before, in round %s", round).doesNotContain(move.to());
      }
      drawn.apply(found);
      assertThat(drawn.distance()).as("after round %s", round).isLessThan(before);
      drawn.requireResidency();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void segmentThatMayLieNowhereElseStays(long seed) {
    Drawn drawn = new Drawn(seed);
    List<BytesPlanner.Own> bound = new ArrayList<>();
    for (BytesPlanner.Own each : drawn.own) {
      bound.add(new BytesPlanner.Own(each.segment(), Set.of(each.segment().owner())));
    }
    drawn.own = bound;

    assertThat(drawn.plan().own()).isEmpty();
  }

  /** A cluster with buckets that have segments of their own, some of them bound to some nodes. */
  private static final class Drawn {

    private final Random random;
    private final SortedMap<NodeId, Double> weights = new TreeMap<>();
    private final List<Long> bytes = new ArrayList<>();
    private final Set<Integer> resting = new HashSet<>();
    private final long budget;
    private SegmentTable table;
    private List<BytesPlanner.Own> own = new ArrayList<>();

    Drawn(long seed) {
      random = new Random(seed);
      int count = 2 + random.nextInt(8);
      for (int node = 0; node < count; node++) {
        weights.put(new NodeId("n" + node), 1.0 + random.nextInt(3));
      }
      List<NodeId> ids = List.copyOf(weights.keySet());
      Map<Integer, NodeId> owners = new HashMap<>();
      int owning = 1 + random.nextInt(count);
      long most = random.nextInt(3) * MEGA;
      for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
        owners.put(segment, ids.get(random.nextInt(owning)));
        bytes.add(most > 0 && random.nextInt(3) > 0 ? (long) (random.nextDouble() * most) : 0L);
        if (random.nextInt(10) == 0) {
          resting.add(segment);
        }
      }
      table = SegmentTable.allTo(ids.get(0)).with(owners);
      int segments = 1 + random.nextInt(120);
      for (int number = 0; number < segments; number++) {
        own.add(drawnOwn(SegmentTable.SEGMENTS + number, ids));
      }
      budget = all() * (1 + random.nextInt(60)) / 100;
    }

    private BytesPlanner.Own drawnOwn(int number, List<NodeId> ids) {
      List<NodeId> mixed = new ArrayList<>(ids);
      Collections.shuffle(mixed, random);
      List<NodeId> places = mixed.subList(0, 1 + random.nextInt(ids.size()));
      double large = Math.pow(1 - random.nextDouble(), -0.7);
      long holds = random.nextInt(4) == 0 ? 0 : (long) (large * MEGA / (1 + random.nextInt(4)));
      return new BytesPlanner.Own(
          new OwnSegment(
              new BucketName("bucket"), number, places.get(0), SHARD, Math.min(holds, 200 * MEGA)),
          Set.copyOf(places));
    }

    private long all() {
      long sum = bytes.stream().mapToLong(Long::longValue).sum();
      return sum + own.stream().mapToLong(each -> each.segment().bytes()).sum();
    }

    BytesPlanner.Outcome plan() {
      return BytesPlanner.plan(new BytesPlanner.Input(table, weights, bytes, own, budget, resting));
    }

    Set<NodeId> placesOf(OwnSegment segment) {
      return own.stream()
          .filter(each -> each.segment().equals(segment))
          .findFirst()
          .orElseThrow()
          .places();
    }

    void apply(BytesPlanner.Outcome found) {
      table = table.with(found.moves());
      Map<OwnSegment, NodeId> moved = new HashMap<>();
      found.own().forEach(move -> moved.put(move.segment(), move.to()));
      own =
          own.stream()
              .map(
                  each -> {
                    OwnSegment one = each.segment();
                    NodeId owner = moved.getOrDefault(one, one.owner());
                    return new BytesPlanner.Own(
                        new OwnSegment(
                            one.bucket(), one.segment(), owner, one.shard(), one.bytes()),
                        each.places());
                  })
              .toList();
    }

    void requireResidency() {
      for (BytesPlanner.Own each : own) {
        assertThat(each.places()).contains(each.segment().owner());
      }
    }

    /** Returns the sum of the squares of how far each node is off its share, in megabytes. */
    double distance() {
      double mean = bytes.stream().mapToLong(Long::longValue).average().orElse(0);
      double keysToCome = Math.max(1, mean / 16);
      Map<NodeId, Double> held = new HashMap<>();
      for (int segment = 0; segment < SegmentTable.SEGMENTS; segment++) {
        held.merge(table.owner(segment), bytes.get(segment) + keysToCome, Double::sum);
      }
      own.forEach(
          each -> held.merge(each.segment().owner(), (double) each.segment().bytes(), Double::sum));
      double all = held.values().stream().mapToDouble(Double::doubleValue).sum();
      double weight = weights.values().stream().mapToDouble(Double::doubleValue).sum();
      double sum = 0;
      for (Map.Entry<NodeId, Double> node : weights.entrySet()) {
        double share = all * node.getValue() / weight;
        sum += Math.pow((held.getOrDefault(node.getKey(), 0.0) - share) / MEGA, 2);
      }
      return sum;
    }
  }
}
