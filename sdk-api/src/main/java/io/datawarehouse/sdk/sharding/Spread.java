package io.datawarehouse.sdk.sharding;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * On which segments a shard lies. Immutable. The segments of the cluster are shared by all buckets
 * and lie where the cluster's table says. A bucket's own segments lie where its own map says.
 *
 * @param kind whose segments
 * @param ways how many own segments, between which a hash of the key decides; 0 for others
 * @since 0.1
 */
public record Spread(Kind kind, int ways) {

  /** The most own segments of one shard. */
  public static final int MOST_WAYS = 256;

  /** Over all segments of the cluster, by a hash of bucket and key. */
  public static final Spread CLUSTER = new Spread(Kind.CLUSTER, 0);

  /** On one segment of the cluster, by a hash of the bucket's name. */
  public static final Spread ONE = new Spread(Kind.ONE, 0);

  /** Whose segments. */
  public enum Kind {
    /** All segments of the cluster. */
    CLUSTER,
    /** One segment of the cluster. */
    ONE,
    /** Segments of the bucket's own. */
    OWN
  }

  /** Checks; the error names the field. */
  public Spread {
    Objects.requireNonNull(kind, "kind");
    if (kind == Kind.OWN && (ways < 1 || ways > MOST_WAYS)) {
      throw WarehouseException.invalid("ways", ways, "use 1 to " + MOST_WAYS);
    }
    if (kind != Kind.OWN && ways != 0) {
      throw WarehouseException.invalid("ways", ways, "only own segments are counted");
    }
  }

  /** Returns a spread over that many own segments. */
  public static Spread own(int ways) {
    return new Spread(Kind.OWN, ways);
  }

  /** Returns whether these are segments of the bucket's own. */
  public boolean own() {
    return kind == Kind.OWN;
  }
}
