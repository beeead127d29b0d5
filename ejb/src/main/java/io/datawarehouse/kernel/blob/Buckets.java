package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
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

  Buckets(StorageProvider provider, Clock clock) {
    this.provider = provider;
    this.clock = clock;
  }

  BucketCreated create(CreateBucket command) {
    requireSupported(command.settings());
    BucketDefinition wanted =
        new BucketDefinition(
            command.bucket(), command.settings(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
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
        .pipeline()
        .filter(stages -> !stages.isEmpty())
        .ifPresent(
            stages -> {
              throw unsupported(
                  "pipeline", stages.get(0), "no transformer plugin of that name is installed");
            });
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
    addIf(names, "pipeline", !one.pipeline().equals(other.pipeline()));
    addIf(names, "versioning", !one.versioning().equals(other.versioning()));
    addIf(names, "quotaBytes", !one.quotaBytes().equals(other.quotaBytes()));
    addIf(names, "retention", !one.retention().equals(other.retention()));
    return names;
  }

  private static void addIf(List<String> names, String name, boolean differs) {
    if (differs) {
      names.add(name);
    }
  }
}
