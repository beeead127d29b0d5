package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The buckets of a node that is alone: what stands in its store. Thread-safe. */
final class Buckets implements BucketOffice {

  private final StorageProvider provider;
  private final NodeDescriptor self;
  private final Clock clock;
  private final ContentPipelines pipelines;
  private final Supplier<ShardingScheme> sharding;

  Buckets(BlobService.Options options) {
    this.provider = options.provider();
    this.self = options.self();
    this.clock = options.clock();
    this.pipelines = options.pipelines();
    this.sharding = options.sharding();
  }

  @Override
  public BucketCreated create(CreateBucket command) {
    BucketRules.requireSupported(command.settings());
    Optional<BucketDefinition> same =
        provider
            .findBucket(command.bucket())
            .filter(found -> BucketRules.same(found.settings(), command.settings()));
    if (same.isPresent()) {
      return new BucketCreated(describe(same.get()), false);
    }
    BucketSettings settings =
        BucketRules.withSharding(
            BucketRules.withPipeline(command.settings(), pipelines), sharding.get());
    requireKnown(BucketRules.sharding(settings));
    BucketDefinition wanted =
        new BucketDefinition(
            command.bucket(), settings, clock.instant().truncatedTo(ChronoUnit.MILLIS));
    // Again only where somebody deletes the bucket between the two calls.
    while (true) {
      if (provider.createBucket(wanted)) {
        return new BucketCreated(describe(wanted), true);
      }
      Optional<BucketDefinition> present = provider.findBucket(command.bucket());
      if (present.isPresent()) {
        BucketRules.requireSame(present.get(), command.settings());
        return new BucketCreated(describe(present.get()), false);
      }
    }
  }

  /** A node that is alone is all that rules may name. */
  private void requireKnown(ShardingChoice choice) {
    Instant now = clock.instant();
    BucketRules.requireKnown(
        choice, List.of(new ClusterNode(self, NodeState.ACTIVE, now, "it is alone")));
  }

  @Override
  public BucketDescription changePipeline(ChangePipeline command) {
    BucketName bucket = command.bucket();
    BucketRules.requireNames(command.pipeline());
    // Again only where somebody changes the bucket between the two calls.
    while (true) {
      BucketDefinition present =
          provider.findBucket(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket));
      BucketDefinition next =
          present.withPipeline(pipelines.choose(Optional.of(command.pipeline())));
      if (next.equals(present) || provider.replaceBucket(present, next)) {
        return describe(next);
      }
    }
  }

  @Override
  public ShardingChanged changeSharding(ChangeSharding command) {
    BucketName bucket = command.bucket();
    ShardingChoice choice = ShardingChoice.of(command.sharding(), command.shardingOptions());
    requireKnown(choice);
    // Again only where somebody changes the bucket between the two calls.
    while (true) {
      BucketDefinition present =
          provider.findBucket(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket));
      BucketDefinition next = present.withSharding(choice.scheme().id(), command.shardingOptions());
      if (next.equals(present) || provider.replaceBucket(present, next)) {
        return new ShardingChanged(describe(next), Optional.empty());
      }
    }
  }

  @Override
  public void delete(BucketName bucket) {
    provider.deleteBucket(bucket);
  }

  @Override
  public BucketDescription describe(BucketName bucket) {
    return describe(provider.findBucket(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket)));
  }

  @Override
  public BucketList list() {
    List<BucketDescription> found = new ArrayList<>();
    for (BucketDefinition definition : provider.buckets()) {
      try {
        found.add(describe(definition));
      } catch (WarehouseException e) {
        // Deleted since: it no longer belongs to the list.
        if (e.code() != StandardErrorCode.NO_SUCH_BUCKET) {
          throw e;
        }
      }
    }
    return new BucketList(found);
  }

  private BucketDescription describe(BucketDefinition definition) {
    return new BucketDescription(
        definition.name(),
        definition.settings(),
        definition.createdAt(),
        provider.usage(definition.name()));
  }
}
