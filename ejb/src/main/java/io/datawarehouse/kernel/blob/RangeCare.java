package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.blob.NodeBlobs.SurveyAnswer;
import io.datawarehouse.kernel.blob.NodeBlobs.SurveyQuestion;
import io.datawarehouse.kernel.heat.HotShards;
import io.datawarehouse.kernel.sharding.RangePlanner;
import io.datawarehouse.kernel.sharding.RangePlanner.Limits;
import io.datawarehouse.kernel.sharding.RangePlanner.Merge;
import io.datawarehouse.kernel.sharding.RangePlanner.Split;
import io.datawarehouse.kernel.sharding.RangePlanner.Step;
import io.datawarehouse.kernel.sharding.RangePlanner.Survey;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Divides ranges that hold or get too much and puts small ones together, one step for each bucket
 * at a time, on the node that leads. No blob moves by that. Blocks; thread-safe, one at a time.
 */
final class RangeCare {

  /** How much a range holds before it is divided, where a bucket does not say. */
  static final long STANDARD_BYTES = 10L << 30;

  private static final System.Logger LOG = System.getLogger(RangeCare.class.getName());

  private final BucketRegistry registry;
  private final Owners owners;
  private final BlobCluster cluster;
  private final Metrics.Counter splits;
  private final Metrics.Counter merges;

  RangeCare(BucketRegistry registry, Owners owners, BlobCluster cluster, Metrics metrics) {
    this.registry = registry;
    this.owners = owners;
    this.cluster = cluster;
    splits = metrics.counter("sharding.splits", "Ranges that were divided", Map.of());
    merges = metrics.counter("sharding.merges", "Ranges that were put together", Map.of());
  }

  /**
   * Looks at all buckets that are divided by ranges.
   *
   * @param hot how many requests a second are many for a range, where a bucket does not say: two
   *     neighbours under a quarter of it may be put together
   */
  synchronized void tend(int hot) {
    if (leads()) {
      registry.all().forEach(bucket -> attempt(bucket, () -> tend(bucket, hot)));
    }
  }

  /**
   * Divides ranges that are hot, by what their owners' judges say.
   *
   * @param shards asks for what is hot; only where this node leads
   */
  synchronized void divideHot(Supplier<List<HotShards.Shard>> shards) {
    if (!leads()) {
      return;
    }
    Map<BucketName, Set<Integer>> hot = new HashMap<>();
    for (HotShards.Shard shard : shards.get()) {
      if (shard.state() == HotShards.State.HOT) {
        shard
            .bucket()
            .ifPresent(
                name -> hot.computeIfAbsent(name, n -> new HashSet<>()).add(shard.segment()));
      }
    }
    for (BucketRegistry.Agreed bucket :
        hot.isEmpty() ? List.<BucketRegistry.Agreed>of() : registry.all()) {
      Set<Integer> segments = hot.get(bucket.definition().name());
      if (segments != null) {
        attempt(bucket, () -> divide(bucket, segments));
      }
    }
  }

  private boolean leads() {
    NodeId self = cluster.membership().localNodeId();
    return cluster.coordinator().leadership().leads(self);
  }

  private static void attempt(BucketRegistry.Agreed bucket, Runnable care) {
    if (bucket.state().phase() != BucketRegistry.Phase.OPEN
        || bucket.map().choice().ranges().isEmpty()) {
      return;
    }
    try {
      care.run();
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "the ranges of bucket {0} stay as they are for now: {1}",
          bucket.definition().name(),
          e.detail());
    }
  }

  private void tend(BucketRegistry.Agreed bucket, int hot) {
    ShardMap map = bucket.map();
    ShardingChoice.Ranges ranges = map.choice().ranges().orElseThrow();
    Limits limits =
        new Limits(
            ranges.mostBytes().orElse(STANDARD_BYTES),
            ranges.mostRequestsPerSecond().orElse(hot),
            ShardingChoice.MOST_RANGES,
            ranges.mostRequestsPerSecond().isPresent());
    int holders = Math.max(1, owners.nodes(map).size());
    survey(bucket, limits.mostBytes() / holders / 2)
        .flatMap(surveys -> RangePlanner.plan(map, surveys, limits))
        .ifPresent(step -> take(bucket, step));
  }

  private void divide(BucketRegistry.Agreed bucket, Set<Integer> segments) {
    ShardMap map = bucket.map();
    survey(bucket, SurveyQuestion.REQUESTS_ALONE)
        .flatMap(
            surveys ->
                RangePlanner.divide(
                    map, surveys, map.partsIn(segments), ShardingChoice.MOST_RANGES))
        .ifPresent(step -> take(bucket, step));
  }

  /** Asks all owners; empty where one does not answer, or there is none. */
  private Optional<List<Survey>> survey(BucketRegistry.Agreed bucket, long large) {
    List<NodeId> holders = owners.nodes(bucket.map());
    if (holders.isEmpty()) {
      return Optional.empty();
    }
    Owners.Answers<SurveyAnswer> answers =
        owners.ask(
            holders,
            NodeBlobs.SURVEY,
            new SurveyQuestion(bucket.definition().name(), bucket.version(), large),
            SurveyAnswer.class);
    return answers.away().isEmpty()
        ? Optional.of(together(List.copyOf(answers.replies().values())))
        : Optional.empty();
  }

  private void take(BucketRegistry.Agreed bucket, Step step) {
    ShardMap next =
        step instanceof Split split
            ? bucket.map().split(split.at())
            : bucket.map().merged(((Merge) step).range());
    if (BucketRegistry.text(bucket.state().with(next)).length() > ShardMap.LONGEST
        || !registry.agree(bucket.state().with(next), bucket.version()).applied()) {
      return;
    }
    (step instanceof Split ? splits : merges).increment();
    LOG.log(
        System.Logger.Level.INFO,
        "ranges of bucket {0} changed: {1}",
        bucket.definition().name(),
        step);
  }

  /** Adds up what the owners say; the middle is that of the owner that has most. */
  private static List<Survey> together(List<SurveyAnswer> answers) {
    List<Survey> all = new ArrayList<>();
    for (int range = 0; range < answers.get(0).ranges().size(); range++) {
      Survey sum = new Survey(0, 0, Optional.empty(), Optional.empty());
      long mostBytes = -1;
      double mostRequests = -1;
      for (SurveyAnswer answer : answers) {
        Survey one = answer.ranges().get(range);
        boolean larger = one.bytes() > mostBytes;
        boolean busier = one.requestsPerSecond() > mostRequests;
        mostBytes = Math.max(mostBytes, one.bytes());
        mostRequests = Math.max(mostRequests, one.requestsPerSecond());
        sum =
            new Survey(
                sum.bytes() + one.bytes(),
                sum.requestsPerSecond() + one.requestsPerSecond(),
                larger ? one.middleBySize() : sum.middleBySize(),
                busier ? one.middleByRate() : sum.middleByRate());
      }
      all.add(sum);
    }
    return all;
  }
}
