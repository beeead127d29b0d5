package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What kernels ask each other about the warmth of segments. Each goes to one certain node. */
final class HeatMessages {

  /** Query: {@link FiguresQuestion} to {@link FiguresAnswer}. */
  static final Topic FIGURES = Topic.of("kernel.heat.figures");

  /** Command: {@link Offer} to nothing. */
  static final Topic OFFER = Topic.of("kernel.heat.offer");

  /** Query: {@link LeaseQuestion} to {@link LeaseAnswer}. */
  static final Topic LEASE = Topic.of("kernel.heat.lease");

  /** Command: {@link DropKey} to nothing. */
  static final Topic DROP = Topic.of("kernel.heat.drop");

  /** Query: {@link HotQuestion} to {@link HotAnswer}. */
  static final Topic HOT = Topic.of("kernel.heat.hot");

  private HeatMessages() {}

  /**
   * Tells a node that it may have leases.
   *
   * @param owner who gives them
   * @param places of what
   */
  record Offer(NodeId owner, List<LeasePlace> places) {
    Offer {
      places = List.copyOf(places);
    }
  }

  /**
   * Asks for leases, or for more time.
   *
   * @param holder who asks
   * @param places of what
   * @param served what it served from its copies since it told last
   */
  record LeaseQuestion(NodeId holder, List<LeasePlace> places, List<Served> served) {
    LeaseQuestion {
      places = List.copyOf(places);
      served = List.copyOf(served);
    }
  }

  /**
   * What a holder served from its copies.
   *
   * @param bucket whose own segment; empty where it is one of the cluster's
   * @param segment of which segment
   * @param reads how many reads since it told last
   * @param bytes how many bytes it gave since
   */
  record Served(Optional<BucketName> bucket, int segment, long reads, long bytes) {}

  /**
   * The leases that a node gets. What is named in neither list stays as it is.
   *
   * @param granted those that run on
   * @param ended of what it is to keep no copies
   * @param lengthMillis how long they run
   */
  record LeaseAnswer(List<LeaseBook.Grant> granted, List<LeasePlace> ended, long lengthMillis) {
    LeaseAnswer {
      granted = List.copyOf(granted);
      ended = List.copyOf(ended);
    }
  }

  /**
   * Asks a holder to drop a key, for it is about to change.
   *
   * @param bucket the bucket
   * @param key the key in it
   */
  record DropKey(BucketName bucket, String key) {}

  /**
   * Asks an owner for its hot segments.
   *
   * @param keys whether for the keys in them too
   */
  record HotQuestion(boolean keys) {}

  /**
   * The hot segments of an owner.
   *
   * @param shards one each, the hottest first
   * @param foreseen segments that are none of these, with forecasts that would be acted on
   * @param keys the keys that are asked for most; none where nobody asked
   * @param forecasts how good its forecasts are
   */
  record HotAnswer(
      List<HotShards.Shard> shards,
      List<HotShards.Foreseen> foreseen,
      List<HotShards.Key> keys,
      HotShards.Forecasts forecasts) {
    HotAnswer {
      shards = List.copyOf(shards);
      foreseen = List.copyOf(foreseen);
      keys = List.copyOf(keys);
    }
  }

  /** Asks a node for the figures of what it owns. */
  record FiguresQuestion() {}

  /**
   * The figures of what a node owns.
   *
   * @param segments one each, in the order of their numbers
   * @param own those of buckets' own, in the order of buckets and numbers
   */
  record FiguresAnswer(List<Figures> segments, List<OwnFigures> own) {
    FiguresAnswer {
      segments = List.copyOf(segments);
      own = List.copyOf(own);
    }
  }

  /**
   * The figures of a segment that a bucket has for itself.
   *
   * @param bucket the bucket
   * @param segment its number
   * @param readsPerSecond requests that read, of late; empty where they are not counted
   * @param writesPerSecond requests that change, of late; empty where they are not counted
   * @param bytesPerSecond bytes given and taken, of late; empty where they are not counted
   * @param blobs how many blobs it holds; empty where they have not been counted yet
   * @param bytes the sum of their sizes; empty where they have not been counted yet
   * @param storedBytes what their contents take; empty where they have not been counted yet
   */
  record OwnFigures(
      BucketName bucket,
      int segment,
      OptionalDouble readsPerSecond,
      OptionalDouble writesPerSecond,
      OptionalDouble bytesPerSecond,
      OptionalLong blobs,
      OptionalLong bytes,
      OptionalLong storedBytes) {}

  /**
   * The figures of one segment.
   *
   * @param segment its number
   * @param readsPerSecond requests that read, of late
   * @param writesPerSecond requests that change, of late
   * @param bytesPerSecond bytes given and taken, of late
   * @param blobs how many blobs it holds; empty where they have not been counted yet
   * @param bytes the sum of their sizes; empty where they have not been counted yet
   * @param storedBytes what their contents take; empty where they have not been counted yet
   */
  record Figures(
      int segment,
      double readsPerSecond,
      double writesPerSecond,
      double bytesPerSecond,
      OptionalLong blobs,
      OptionalLong bytes,
      OptionalLong storedBytes) {}
}
