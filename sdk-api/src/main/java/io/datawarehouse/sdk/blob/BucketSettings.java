package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What was asked for when a bucket was made. Immutable. A value that was not given is empty: the
 * installation's default holds. Settings are equal when the same was asked for.
 *
 * @param replicationFactor how many nodes keep a copy, 1 to 16
 * @param writeQuorum how many copies must be durable before a write is acknowledged, 1 to 16 and
 *     not more than the replication factor
 * @param replication the replication strategy's name
 * @param conflictResolver the conflict resolver's name
 * @param sharding the sharding strategy's name
 * @param shardingOptions its parameters
 * @param pipeline the names of the transformers that content goes through, first to last
 * @param versioning whether old versions are kept
 * @param quotaBytes the most bytes of content that the bucket may hold, 0 or more
 * @param retention how long a blob cannot be deleted after it was written
 */
public record BucketSettings(
    OptionalInt replicationFactor,
    OptionalInt writeQuorum,
    Optional<String> replication,
    Optional<String> conflictResolver,
    Optional<String> sharding,
    Optional<ShardingOptions> shardingOptions,
    Optional<List<String>> pipeline,
    Optional<Boolean> versioning,
    OptionalLong quotaBytes,
    Optional<Duration> retention) {

  private static final BucketSettings NONE =
      new BucketSettings(
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          Optional.empty());

  private static final int MOST_COPIES = 16;
  private static final int MOST_STAGES = 8;

  /** Checks every value; the error names the setting. */
  public BucketSettings {
    requireCopies("replicationFactor", replicationFactor);
    requireCopies("writeQuorum", writeQuorum);
    if (writeQuorum.isPresent()
        && replicationFactor.isPresent()
        && writeQuorum.getAsInt() > replicationFactor.getAsInt()) {
      throw WarehouseException.invalid(
          "writeQuorum", writeQuorum.getAsInt(), "must not exceed replicationFactor");
    }
    replication.ifPresent(name -> requireName("replication", name));
    conflictResolver.ifPresent(name -> requireName("conflictResolver", name));
    sharding.ifPresent(name -> requireName("sharding", name));
    if (shardingOptions.isPresent() && sharding.isEmpty()) {
      throw WarehouseException.invalid(
          "shardingOptions", shardingOptions.get(), "say in sharding which strategy they are for");
    }
    pipeline = pipeline.map(List::copyOf);
    pipeline.ifPresent(BucketSettings::requirePipeline);
    if (quotaBytes.isPresent() && quotaBytes.getAsLong() < 0) {
      throw WarehouseException.invalid(
          "quotaBytes", quotaBytes.getAsLong(), "must not be negative");
    }
    retention.ifPresent(
        time -> {
          if (time.isNegative()) {
            throw WarehouseException.invalid("retention", time, "must not be negative");
          }
        });
  }

  /** Makes settings without parameters of a sharding strategy. */
  public BucketSettings(
      OptionalInt replicationFactor,
      OptionalInt writeQuorum,
      Optional<String> replication,
      Optional<String> conflictResolver,
      Optional<String> sharding,
      Optional<List<String>> pipeline,
      Optional<Boolean> versioning,
      OptionalLong quotaBytes,
      Optional<Duration> retention) {
    this(
        replicationFactor,
        writeQuorum,
        replication,
        conflictResolver,
        sharding,
        Optional.empty(),
        pipeline,
        versioning,
        quotaBytes,
        retention);
  }

  /** Returns settings that ask for nothing. */
  public static BucketSettings none() {
    return NONE;
  }

  /** Returns these settings with that pipeline. */
  public BucketSettings withPipeline(List<String> stages) {
    return new BucketSettings(
        replicationFactor,
        writeQuorum,
        replication,
        conflictResolver,
        sharding,
        shardingOptions,
        Optional.of(stages),
        versioning,
        quotaBytes,
        retention);
  }

  /** Returns these settings with that sharding strategy. */
  public BucketSettings withSharding(String scheme, Optional<ShardingOptions> options) {
    return new BucketSettings(
        replicationFactor,
        writeQuorum,
        replication,
        conflictResolver,
        Optional.of(scheme),
        options,
        pipeline,
        versioning,
        quotaBytes,
        retention);
  }

  private static void requirePipeline(List<String> stages) {
    if (stages.size() > MOST_STAGES) {
      throw WarehouseException.invalid("pipeline", stages.size() + " stages", "at most 8");
    }
    stages.forEach(name -> requireName("pipeline", name));
  }

  private static void requireCopies(String field, OptionalInt value) {
    if (value.isPresent() && (value.getAsInt() < 1 || value.getAsInt() > MOST_COPIES)) {
      throw WarehouseException.invalid(field, value.getAsInt(), "use 1 to 16");
    }
  }

  private static void requireName(String field, String name) {
    if (!name.matches("[a-z0-9][a-z0-9-]{0,49}")) {
      throw WarehouseException.invalid(
          field, name, "use 1 to 50 lower-case letters, digits and '-'");
    }
  }
}
