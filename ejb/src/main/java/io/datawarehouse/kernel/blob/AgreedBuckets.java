package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.blob.NodeBlobs.SettleBucket;
import io.datawarehouse.kernel.blob.NodeBlobs.Settled;
import io.datawarehouse.kernel.blob.NodeBlobs.UsageAnswer;
import io.datawarehouse.kernel.blob.NodeBlobs.UsageQuestion;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

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
  private final Clock clock;
  private final ContentPipelines pipelines;

  AgreedBuckets(BucketRegistry registry, Owners owners, Clock clock, ContentPipelines pipelines) {
    this.registry = registry;
    this.owners = owners;
    this.clock = clock;
    this.pipelines = pipelines;
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
      return new BucketCreated(describe(same.get()), false);
    }
    BucketDefinition wanted =
        new BucketDefinition(
            command.bucket(),
            BucketRules.withPipeline(command.settings(), pipelines),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    // Again only where somebody deletes the bucket between the two calls.
    while (true) {
      BucketRegistry.Outcome outcome = registry.agree(wanted, false, ClusterCommand.ABSENT);
      if (outcome.applied()) {
        return new BucketCreated(empty(wanted), true);
      }
      Optional<BucketRegistry.Agreed> standing = outcome.standing();
      if (standing.isPresent()) {
        requireStanding(standing.get());
        BucketRules.requireSame(standing.get().definition(), command.settings());
        return new BucketCreated(describe(standing.get().definition()), false);
      }
    }
  }

  private static void requireStanding(BucketRegistry.Agreed found) {
    if (found.deleting()) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "bucket '" + found.definition().name() + "' is just being deleted; try again");
    }
  }

  private static BucketDescription empty(BucketDefinition definition) {
    return new BucketDescription(
        definition.name(), definition.settings(), definition.createdAt(), BucketUsage.EMPTY);
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
      if (next.equals(present.definition())
          || registry.agree(next, false, present.version()).applied()) {
        return describe(next);
      }
    }
  }

  private BucketRegistry.Agreed present(BucketName bucket) {
    return registry.latest(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket));
  }

  @Override
  public BucketDescription describe(BucketName bucket) {
    return describe(registry.present(bucket).definition());
  }

  private BucketDescription describe(BucketDefinition definition) {
    return described(definition, usage(Optional.of(definition.name())));
  }

  @Override
  public BucketList list() {
    Owners.Answers<UsageAnswer> held = usage(Optional.empty());
    return new BucketList(
        registry.all().stream().map(found -> described(found.definition(), held)).toList());
  }

  private Owners.Answers<UsageAnswer> usage(Optional<BucketName> bucket) {
    return owners.askAgreeing(
        NodeBlobs.USAGE, bucket, stamp -> new UsageQuestion(bucket, stamp), UsageAnswer.class);
  }

  private static BucketDescription described(
      BucketDefinition definition, Owners.Answers<UsageAnswer> held) {
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
        held.missing());
  }

  @Override
  public void delete(BucketName bucket) {
    BucketRegistry.Agreed present = present(bucket);
    BucketRegistry.Agreed marked = present.deleting() ? present : mark(present);
    try {
      requireEmpty(bucket, marked);
    } catch (WarehouseException e) {
      registry.agree(marked.definition(), false, marked.version());
      throw e;
    }
    registry.remove(bucket, marked.version());
  }

  private BucketRegistry.Agreed mark(BucketRegistry.Agreed present) {
    BucketRegistry.Outcome outcome = registry.agree(present.definition(), true, present.version());
    if (!outcome.applied()) {
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE,
          "bucket '" + present.definition().name() + "' was changed meanwhile; try again");
    }
    return outcome.standing().orElseThrow();
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
