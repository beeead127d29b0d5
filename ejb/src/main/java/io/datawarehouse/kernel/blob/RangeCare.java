package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.blob.NodeBlobs.SurveyAnswer;
import io.datawarehouse.kernel.blob.NodeBlobs.SurveyQuestion;
import io.datawarehouse.kernel.sharding.RangePlanner;
import io.datawarehouse.kernel.sharding.RangePlanner.Limits;
import io.datawarehouse.kernel.sharding.RangePlanner.Merge;
import io.datawarehouse.kernel.sharding.RangePlanner.Split;
import io.datawarehouse.kernel.sharding.RangePlanner.Step;
import io.datawarehouse.kernel.sharding.RangePlanner.Survey;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Divides ranges that hold or get too much and puts small ones together, one step for each bucket
 * at a time, on the node that leads. No blob moves by that. Blocks; called by one thread at a time.
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
   * @param hot how many requests a second are too many for a range, where a bucket does not say
   */
  void tend(int hot) {
    NodeId self = cluster.membership().localNodeId();
    if (!cluster.coordinator().leadership().leads(self)) {
      return;
    }
    for (BucketRegistry.Agreed bucket : registry.all()) {
      if (bucket.state().phase() == BucketRegistry.Phase.OPEN
          && bucket.map().choice().ranges().isPresent()) {
        try {
          tend(bucket, hot);
        } catch (WarehouseException e) {
          LOG.log(
              System.Logger.Level.DEBUG,
              "the ranges of bucket {0} stay as they are for now: {1}",
              bucket.definition().name(),
              e.detail());
        }
      }
    }
  }

  private void tend(BucketRegistry.Agreed bucket, int hot) {
    ShardMap map = bucket.map();
    ShardingChoice.Ranges ranges = map.choice().ranges().orElseThrow();
    Limits limits =
        new Limits(
            ranges.mostBytes().orElse(STANDARD_BYTES),
            ranges.mostRequestsPerSecond().orElse(hot),
            ShardingChoice.MOST_RANGES);
    List<NodeId> holders = owners.nodes(map);
    if (holders.isEmpty()) {
      return;
    }
    Owners.Answers<SurveyAnswer> answers =
        owners.ask(
            holders,
            NodeBlobs.SURVEY,
            new SurveyQuestion(
                bucket.definition().name(),
                bucket.version(),
                limits.mostBytes() / holders.size() / 2),
            SurveyAnswer.class);
    if (answers.away().isEmpty()) {
      RangePlanner.plan(map, together(List.copyOf(answers.replies().values())), limits)
          .ifPresent(step -> take(bucket, step));
    }
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
