package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The hot segments of the cluster, as they are shown. Immutable.
 *
 * @param detection whether segments are judged
 * @param threshold how many requests a second make a segment hot; empty where there is none
 * @param actsByItself whether something is done about hot segments
 * @param predictive whether forecasts count
 * @param shards the segments that are hot, or near it, the hottest first
 * @param foreseen the segments that are none of these and have a forecast that would be acted on,
 *     the one with the highest first
 * @param keys the keys that are asked for most; left out for who may not see keys
 * @param forecasts how good forecasts were, by owner
 * @param missing the nodes that did not answer
 */
public record HotShards(
    boolean detection,
    OptionalInt threshold,
    boolean actsByItself,
    boolean predictive,
    List<Shard> shards,
    List<Foreseen> foreseen,
    Optional<List<Key>> keys,
    List<Forecasts> forecasts,
    List<NodeId> missing) {

  /** Copies. */
  public HotShards {
    shards = List.copyOf(shards);
    foreseen = List.copyOf(foreseen);
    keys = keys.map(List::copyOf);
    forecasts = List.copyOf(forecasts);
    missing = List.copyOf(missing);
  }

  /** How a segment stands. */
  public enum State {
    /** Over the threshold, but not for long enough yet. */
    WARMING,
    /** Over the threshold for long enough, or foreseen to be. */
    HOT,
    /** Hot, and under half of the threshold for some time. */
    COOLING
  }

  /**
   * A segment that is hot, or near it.
   *
   * @param segment its number
   * @param bucket whose it is; empty for one of the cluster's
   * @param owner who owns it
   * @param state how it stands
   * @param requestsPerSecond requests of late, those included that holders of copies served
   * @param since since when it is in this state
   * @param because what decided, in words
   * @param measure {@code copies}, {@code split} or {@code none}
   * @param measureBecause why that, in words
   * @param holders the nodes that hold a lease now
   * @param forecast what is foreseen; empty where nothing is
   */
  public record Shard(
      int segment,
      Optional<BucketName> bucket,
      NodeId owner,
      State state,
      double requestsPerSecond,
      Instant since,
      String because,
      String measure,
      String measureBecause,
      List<NodeId> holders,
      Optional<Forecast> forecast) {
    /** Copies. */
    public Shard {
      holders = List.copyOf(holders);
    }
  }

  /**
   * What is foreseen for a segment.
   *
   * @param requestsPerSecond the requests that are expected
   * @param least how many there will be at least, with a certainty of 95 %
   * @param inSeconds how far ahead
   * @param error the mean absolute scaled error of such forecasts of late; empty until there were
   *     enough
   * @param confident whether it would be acted on
   */
  public record Forecast(
      double requestsPerSecond,
      double least,
      double inSeconds,
      OptionalDouble error,
      boolean confident) {}

  /**
   * A segment that is not hot yet, and for which there is a forecast that has been good.
   *
   * @param segment its number
   * @param bucket whose it is; empty for one of the cluster's
   * @param owner who owns it
   * @param requestsPerSecond requests of late
   * @param forecast what is foreseen
   */
  public record Foreseen(
      int segment,
      Optional<BucketName> bucket,
      NodeId owner,
      double requestsPerSecond,
      Forecast forecast) {}

  /**
   * A key that is asked for often.
   *
   * @param bucket its bucket
   * @param key the key in it
   * @param segment its segment
   * @param owner who owns it
   * @param requestsPerSecond how often, at most, at all nodes together
   * @param least how often at least
   */
  public record Key(
      BucketName bucket,
      String key,
      int segment,
      NodeId owner,
      double requestsPerSecond,
      double least) {

    /** Returns this with what another node served of the same key. */
    Key and(Key other) {
      Key placed = requestsPerSecond >= other.requestsPerSecond ? this : other;
      return new Key(
          bucket,
          key,
          placed.segment,
          placed.owner,
          requestsPerSecond + other.requestsPerSecond,
          least + other.least);
    }
  }

  /**
   * How good the forecasts of an owner were.
   *
   * @param owner who forecasts
   * @param segments for how many segments it does so now
   * @param error the mean absolute scaled error over all of them; empty until there were enough
   * @param actedEarly how often a segment was called hot before it was
   * @param wrongly how often it then never became so
   */
  public record Forecasts(
      NodeId owner, int segments, OptionalDouble error, long actedEarly, long wrongly) {}
}
