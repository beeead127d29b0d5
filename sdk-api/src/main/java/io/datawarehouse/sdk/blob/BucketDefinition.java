package io.datawarehouse.sdk.blob;

import java.time.Instant;
import java.util.Objects;

/**
 * A bucket as it was made. Immutable.
 *
 * @param name its name
 * @param settings what was asked for
 * @param createdAt when it was made
 */
public record BucketDefinition(BucketName name, BucketSettings settings, Instant createdAt) {

  /** Checks that nothing is missing. */
  public BucketDefinition {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(createdAt, "createdAt");
  }
}
