package io.datawarehouse.kernel.heat;

import io.datawarehouse.kernel.cluster.SingleNodePlacement;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an owner gives leases of: a segment of the cluster, or all that it owns of a bucket's own
 * segments. Immutable.
 *
 * <p>The second is one for the whole bucket, so that a range that is divided or put together, which
 * moves nothing, is covered by the leases that were given before.
 *
 * @param bucket whose own segments; empty where it is a segment of the cluster
 * @param segment which segment of the cluster; 0 where it is a bucket
 */
public record LeasePlace(Optional<BucketName> bucket, int segment) {

  private static final LeasePlace[] HASHED =
      IntStream.range(0, SingleNodePlacement.SEGMENTS)
          .mapToObj(segment -> new LeasePlace(Optional.empty(), segment))
          .toArray(LeasePlace[]::new);

  /** Checks; the error names the field. */
  public LeasePlace {
    Objects.requireNonNull(bucket, "bucket");
    int most = bucket.isPresent() ? 0 : SingleNodePlacement.SEGMENTS - 1;
    if (segment < 0 || segment > most) {
      throw WarehouseException.invalid("segment", segment, "there is no such segment");
    }
  }

  /** Returns a segment of the cluster. */
  public static LeasePlace hashed(int segment) {
    return HASHED[segment];
  }

  /** Returns the own segments of a bucket. */
  public static LeasePlace own(BucketName bucket) {
    return new LeasePlace(Optional.of(bucket), 0);
  }

  @Override
  public String toString() {
    return bucket.map(own -> "own segments of " + own).orElseGet(() -> "segment " + segment);
  }
}
