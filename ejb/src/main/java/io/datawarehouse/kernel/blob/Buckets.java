package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes and describes buckets. Thread-safe. */
final class Buckets {

  private final StorageProvider provider;
  private final Clock clock;
  private final ContentPipelines pipelines;

  Buckets(StorageProvider provider, Clock clock, ContentPipelines pipelines) {
    this.pipelines = pipelines;
    this.provider = provider;
    this.clock = clock;
  }

  BucketCreated create(CreateBucket command) {
    requireSupported(command.settings());
    Optional<BucketDefinition> same =
        provider
            .findBucket(command.bucket())
            .filter(found -> differing(found.settings(), command.settings()).isEmpty());
    if (same.isPresent()) {
      return new BucketCreated(describe(same.get()), false);
    }
    BucketDefinition wanted =
        new BucketDefinition(
            command.bucket(),
            withPipeline(command.settings()),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    // Again only where somebody deletes the bucket between the two calls.
    while (true) {
      if (provider.createBucket(wanted)) {
        return new BucketCreated(describe(wanted), true);
      }
      Optional<BucketDefinition> present = provider.findBucket(command.bucket());
      if (present.isPresent()) {
        requireSame(present.get(), command.settings());
        return new BucketCreated(describe(present.get()), false);
      }
    }
  }

  /** A bucket keeps the pipeline that it got when it was made, whatever the default is later. */
  private BucketSettings withPipeline(BucketSettings asked) {
    List<String> chosen = pipelines.choose(asked.pipeline());
    return asked.pipeline().isEmpty() && chosen.isEmpty() ? asked : asked.withPipeline(chosen);
  }

  BucketDescription changePipeline(ChangePipeline command) {
    BucketName bucket = command.bucket();
    // Checks the names before anybody is told whether they are known.
    BucketSettings.none().withPipeline(command.pipeline());
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

  BucketDescription describe(BucketName bucket) {
    return describe(provider.findBucket(bucket).orElseThrow(() -> BlobErrors.noSuchBucket(bucket)));
  }

  BucketList list() {
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

  /** A setting that changes what happens to content is kept to the letter, or refused. */
  private static void requireSupported(BucketSettings settings) {
    settings
        .versioning()
        .filter(wanted -> wanted)
        .ifPresent(
            wanted -> {
              throw unsupported(
                  "versioning", wanted, "this installation keeps the latest version only");
            });
    settings
        .retention()
        .filter(time -> !time.isZero())
        .ifPresent(
            time -> {
              throw unsupported(
                  "retention", time, "this installation cannot keep blobs from being deleted");
            });
  }

  private static WarehouseException unsupported(String setting, Object value, String why) {
    return WarehouseException.invalid(StandardErrorCode.SETTING_UNSUPPORTED, setting, value, why);
  }

  private static void requireSame(BucketDefinition present, BucketSettings wanted) {
    List<String> differing = differing(present.settings(), wanted);
    if (!differing.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_EXISTS,
          "bucket '"
              + present.name()
              + "' exists with other settings: "
              + String.join(", ", differing),
          Map.of("settings", String.join(",", differing)),
          null);
    }
  }

  private static List<String> differing(BucketSettings one, BucketSettings other) {
    List<String> names = new ArrayList<>();
    addIf(names, "replicationFactor", !one.replicationFactor().equals(other.replicationFactor()));
    addIf(names, "writeQuorum", !one.writeQuorum().equals(other.writeQuorum()));
    addIf(names, "replication", !one.replication().equals(other.replication()));
    addIf(names, "conflictResolver", !one.conflictResolver().equals(other.conflictResolver()));
    addIf(names, "sharding", !one.sharding().equals(other.sharding()));
    addIf(names, "pipeline", differsInPipeline(one, other));
    addIf(names, "versioning", !one.versioning().equals(other.versioning()));
    addIf(names, "quotaBytes", !one.quotaBytes().equals(other.quotaBytes()));
    addIf(names, "retention", !one.retention().equals(other.retention()));
    return names;
  }

  /** A bucket has the pipeline of its making or of its last change; asking for none fits any. */
  private static boolean differsInPipeline(BucketSettings present, BucketSettings wanted) {
    return wanted.pipeline().isPresent()
        && !wanted.pipeline().get().equals(present.pipeline().orElse(List.of()));
  }

  private static void addIf(List<String> names, String name, boolean differs) {
    if (differs) {
      names.add(name);
    }
  }
}
