package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.blob.NodeBlobs.DivideAnswer;
import io.datawarehouse.kernel.blob.NodeBlobs.DivideQuestion;
import io.datawarehouse.kernel.blob.NodeBlobs.SettleBucket;
import io.datawarehouse.kernel.blob.NodeBlobs.Settled;
import io.datawarehouse.kernel.blob.NodeBlobs.UsageAnswer;
import io.datawarehouse.kernel.blob.NodeBlobs.UsageQuestion;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.BucketShard;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The buckets of a cluster: what they are is agreed on by a majority, what they hold is the sum of
 * what the owners hold. Thread-safe; blocks.
 *
 * <p>A bucket is deleted in three steps, each of which can be repeated by anybody: its entry says
 * that it is being deleted, all owners settle and say that it is empty, the entry goes. Where an
 * owner is away or holds blobs the first step is taken back.
 */
final class AgreedBuckets implements BucketOffice {

  private final BucketRegistry registry;
  private final Owners owners;
  private final BlobCluster cluster;
  private final Clock clock;
  private final ContentPipelines pipelines;
  private final Supplier<ShardingScheme> sharding;

  AgreedBuckets(
      BucketRegistry registry, Owners owners, BlobCluster cluster, BlobService.Options options) {
    this.registry = registry;
    this.owners = owners;
    this.cluster = cluster;
    this.clock = options.clock();
    this.pipelines = options.pipelines();
    this.sharding = options.sharding();
  }

  @Override
  public BucketCreated create(CreateBucket command) {
    BucketRules.requireSupported(command.settings());
    Optional<BucketDefinition> same =
        registry
            .find(command.bucket())
            .map(BucketRegistry.Agreed::definition)
            .filter(found -> BucketRules.same(found.settings(), command.settings()));
    if (same.isPresent()) {
      return new BucketCreated(describe(command.bucket()), false);
    }
    BucketRegistry.State wanted = newBucket(command);
    // Again only where somebody deletes the bucket between the two calls.
    while (true) {
      BucketRegistry.Outcome outcome = registry.agree(wanted, ClusterCommand.ABSENT);
      if (outcome.applied()) {
        return new BucketCreated(empty(wanted), true);
      }
      Optional<BucketRegistry.Agreed> standing = outcome.standing();
      if (standing.isPresent()) {
        requireStanding(standing.get());
        BucketRules.requireSame(standing.get().definition(), command.settings());
        return new BucketCreated(describe(standing.get()), false);
      }
    }
  }

  private BucketRegistry.State newBucket(CreateBucket command) {
    BucketSettings settings =
        BucketRules.withSharding(
            BucketRules.withPipeline(command.settings(), pipelines), sharding.get());
    ShardingChoice choice = BucketRules.sharding(settings);
    ClusterView view = cluster.membership().view();
    BucketRules.requireKnown(choice, view.nodes());
    return new BucketRegistry.State(
        new BucketDefinition(
            command.bucket(), settings, clock.instant().truncatedTo(ChronoUnit.MILLIS)),
        ShardMap.lay(command.bucket(), choice, view.active()),
        BucketRegistry.Phase.OPEN);
  }

  private static void requireStanding(BucketRegistry.Agreed found) {
    if (found.state().phase() != BucketRegistry.Phase.OPEN) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "bucket '%s' is just being %s; try again"
              .formatted(found.definition().name(), found.deleting() ? "deleted" : "changed"));
    }
  }

  private static BucketDescription empty(BucketRegistry.State bucket) {
    BucketDefinition definition = bucket.definition();
    return new BucketDescription(
        definition.name(),
        definition.settings(),
        definition.createdAt(),
        BucketUsage.EMPTY,
        List.of(),
        ShardViews.of(bucket.map()));
  }

  @Override
  public BucketDescription changePipeline(ChangePipeline command) {
    BucketRules.requireNames(command.pipeline());
    // Again only where somebody changes the bucket between the two calls.
    while (true) {
      BucketRegistry.Agreed present = present(command.bucket());
      requireStanding(present);
      BucketDefinition next =
          present.definition().withPipeline(pipelines.choose(Optional.of(command.pipeline())));
      if (next.equals(present.definition())) {
        return describe(present);
      }
      BucketRegistry.Outcome outcome =
          registry.agree(present.state().with(next), present.version());
      if (outcome.applied()) {
        return describe(outcome.standing().orElseThrow());
      }
    }
  }

  @Override
  public ShardingChanged changeSharding(ChangeSharding command) {
    BucketName bucket = command.bucket();
    ShardingChoice choice = ShardingChoice.of(command.sharding(), command.shardingOptions());
    ClusterView view = cluster.membership().view();
    BucketRules.requireKnown(choice, view.nodes());
    BucketRegistry.Agreed present = present(bucket);
    requireStanding(present);
    BucketDefinition definition =
        present.definition().withSharding(choice.scheme().id(), command.shardingOptions());
    if (BucketRules.same(present.definition().settings(), definition.settings())) {
      return new ShardingChanged(describe(present), Optional.empty());
    }
    BucketRegistry.State next =
        new BucketRegistry.State(
            definition,
            present.map().relaid(bucket, choice, view.active()),
            BucketRegistry.Phase.OPEN);
    return holdsBlobs(present)
        ? planned(present, next)
        : new ShardingChanged(describe(changeEmpty(present, next)), Optional.empty());
  }

  private boolean holdsBlobs(BucketRegistry.Agreed bucket) {
    BucketDescription now = describe(bucket);
    if (now.usage().blobCount() == 0 && !now.missing().isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.OWNER_UNAVAILABLE,
          "whether bucket '%s' is empty on nodes %s is not known"
              .formatted(now.name(), now.missing()));
    }
    return now.usage().blobCount() > 0;
  }

  private ShardingChanged planned(BucketRegistry.Agreed present, BucketRegistry.State next) {
    SegmentTable table =
        cluster
            .board()
            .table()
            .orElseThrow(
                () ->
                    new WarehouseException(
                        StandardErrorCode.UNAVAILABLE,
                        "the cluster has not agreed yet on who owns which segment"));
    ShardingChange change =
        ShardingChange.of(present, next, table.nodes(), cluster.board().tableVersion());
    return new ShardingChanged(
        describe(present), Optional.of(cluster.plans().preview(change, moves(change))));
  }

  private List<ShardingPlans.Move> moves(ShardingChange change) {
    Owners.Answers<DivideAnswer> answers =
        owners.ask(
            change.sources(),
            NodeBlobs.DIVIDE,
            new DivideQuestion(change.toText()),
            DivideAnswer.class);
    answers
        .away()
        .forEach(
            (node, why) -> {
              throw new WarehouseException(
                  StandardErrorCode.OWNER_UNAVAILABLE,
                  "what would move from node %s is not known: %s".formatted(node, why.detail()),
                  why);
            });
    return answers.replies().values().stream().flatMap(answer -> answer.moves().stream()).toList();
  }

  /**
   * Changes who owns what where nothing is owned: nobody takes a change before all owners have said
   * that they hold nothing, and nobody after that by the old map.
   */
  private BucketRegistry.Agreed changeEmpty(
      BucketRegistry.Agreed present, BucketRegistry.State next) {
    BucketRegistry.Agreed marked = mark(present, BucketRegistry.Phase.CHANGING);
    try {
      requireEmpty(present.definition().name(), marked);
    } catch (WarehouseException e) {
      registry.agree(marked.state().in(BucketRegistry.Phase.OPEN), marked.version());
      throw e;
    }
    BucketRegistry.Outcome outcome = registry.agree(next, marked.version());
    if (!outcome.applied()) {
      throw changedMeanwhile(present.definition().name());
    }
    return outcome.standing().orElseThrow();
  }

  private BucketRegistry.Agreed present(BucketName bucket) {
    return registry.latest(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket));
  }

  @Override
  public BucketDescription describe(BucketName bucket) {
    return describe(registry.present(bucket));
  }

  private BucketDescription describe(BucketRegistry.Agreed bucket) {
    return described(
        bucket, usage(Optional.of(bucket.definition().name())), ShardViews.of(bucket.map()));
  }

  @Override
  public BucketList list() {
    List<BucketRegistry.Agreed> buckets = registry.everyOne();
    Owners.Answers<UsageAnswer> held = usage(Optional.empty());
    return new BucketList(
        buckets.stream().map(found -> described(found, held, List.of())).toList());
  }

  private Owners.Answers<UsageAnswer> usage(Optional<BucketName> bucket) {
    return owners.askAgreeing(
        NodeBlobs.USAGE, bucket, stamp -> new UsageQuestion(bucket, stamp), UsageAnswer.class);
  }

  private BucketDescription described(
      BucketRegistry.Agreed bucket, Owners.Answers<UsageAnswer> held, List<BucketShard> shards) {
    BucketDefinition definition = bucket.definition();
    List<NodeId> holders = owners.nodes(bucket.map());
    long blobs = 0;
    long bytes = 0;
    for (UsageAnswer answer : held.replies().values()) {
      BucketUsage usage = answer.of(definition.name());
      blobs += usage.blobCount();
      bytes += usage.bytes();
    }
    return new BucketDescription(
        definition.name(),
        definition.settings(),
        definition.createdAt(),
        new BucketUsage(blobs, bytes),
        held.missing().stream().filter(holders::contains).toList(),
        shards);
  }

  @Override
  public void delete(BucketName bucket) {
    BucketRegistry.Agreed present = present(bucket);
    BucketRegistry.Agreed marked =
        present.deleting() ? present : mark(present, BucketRegistry.Phase.DELETING);
    try {
      requireEmpty(bucket, marked);
    } catch (WarehouseException e) {
      registry.agree(marked.state().in(BucketRegistry.Phase.OPEN), marked.version());
      throw e;
    }
    registry.remove(bucket, marked.version());
  }

  private BucketRegistry.Agreed mark(BucketRegistry.Agreed present, BucketRegistry.Phase phase) {
    BucketRegistry.Outcome outcome = registry.agree(present.state().in(phase), present.version());
    if (!outcome.applied()) {
      throw changedMeanwhile(present.definition().name());
    }
    return outcome.standing().orElseThrow();
  }

  private static WarehouseException changedMeanwhile(BucketName bucket) {
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "bucket '" + bucket + "' was changed meanwhile; try again");
  }

  private void requireEmpty(BucketName bucket, BucketRegistry.Agreed marked) {
    Owners.Answers<Settled> settled =
        owners.tellAgreeing(
            NodeBlobs.SETTLE,
            Optional.of(bucket),
            stamp -> new SettleBucket(bucket, marked.version(), stamp),
            Settled.class);
    long blobs = settled.replies().values().stream().mapToLong(Settled::blobCount).sum();
    if (blobs > 0) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_NOT_EMPTY, "bucket '" + bucket + "' holds " + blobs + " blobs");
    }
    settled
        .away()
        .forEach(
            (node, why) -> {
              throw why.code() == StandardErrorCode.BUCKET_NOT_EMPTY
                  ? why
                  : new WarehouseException(
                      StandardErrorCode.OWNER_UNAVAILABLE,
                      "whether bucket '%s' is empty on node %s is not known: %s"
                          .formatted(bucket, node, why.detail()),
                      why);
            });
  }
}
