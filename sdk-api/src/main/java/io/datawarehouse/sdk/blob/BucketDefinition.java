package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A bucket as it was made. Immutable.
 *
 * @param name its name
 * @param settings what was asked for; its pipeline is the one that holds, and absent in buckets
 *     whose content is stored as it comes
 * @param createdAt when it was made
 */
public record BucketDefinition(BucketName name, BucketSettings settings, Instant createdAt) {

  /** Checks that nothing is missing. */
  public BucketDefinition {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(createdAt, "createdAt");
  }

  /**
   * Returns the names of the stages that new content goes through; none for content as it comes.
   */
  public List<String> pipeline() {
    return settings.pipeline().orElse(List.of());
  }

  /** Returns this bucket with another sharding strategy. */
  public BucketDefinition withSharding(String scheme, Optional<ShardingOptions> options) {
    return new BucketDefinition(name, settings.withSharding(scheme, options), createdAt);
  }

  /** Returns this bucket with another pipeline for new content. */
  public BucketDefinition withPipeline(List<String> stages) {
    return new BucketDefinition(name, settings.withPipeline(stages), createdAt);
  }
}
