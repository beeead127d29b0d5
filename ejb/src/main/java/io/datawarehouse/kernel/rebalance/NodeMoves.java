package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketUsage;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the kernels of a cluster say to each other while keys move: topics and messages. */
final class NodeMoves {

  /** Command: {@link Open} to {@link Opened}. */
  static final Topic OPEN = Topic.of("kernel.moves.open");

  /** Command: {@link Compare} to {@link Missing}. */
  static final Topic COMPARE = Topic.of("kernel.moves.compare");

  /** Command: {@link Store}, with the content, to {@link Done}. */
  static final Topic STORE = Topic.of("kernel.moves.store");

  /** Command: {@link Remove} to {@link Done}. */
  static final Topic REMOVE = Topic.of("kernel.moves.remove");

  /** Command: {@link Close} to {@link Closed}. */
  static final Topic CLOSE = Topic.of("kernel.moves.close");

  /** Query: {@link ProgressQuestion} to {@link Progress}. */
  static final Topic PROGRESS = Topic.of("kernel.moves.progress");

  /** Command: {@link Seal} to {@link Done}. */
  static final Topic SEAL = Topic.of("kernel.moves.seal");

  /** Query: {@link WritingQuestion} to {@link Writing}. */
  static final Topic WRITING = Topic.of("kernel.moves.writing");

  /** Query: {@link DecisionsQuestion} to {@link PlanDecisions}. */
  static final Topic DECISIONS = Topic.of("kernel.moves.decisions");

  /** Query: {@link SizesQuestion} to {@link Sizes}. */
  static final Topic SIZES = Topic.of("kernel.moves.sizes");

  private NodeMoves() {}

  /**
   * Who sends copies, and which time: what is said in an earlier session counts no more once a
   * later one was opened.
   *
   * @param plan of which plan
   * @param source who sends
   * @param number grows with every session of the plan and the source
   */
  record Session(String plan, NodeId source, long number) {}

  /** Opens a session: copies may come. */
  record Open(Session session) {}

  /**
   * A session is open.
   *
   * @param token stays the same as long as the receiver has lost nothing of what came before
   */
  record Opened(String token) {}

  /**
   * Tells which versions there are in a part of a bucket; copies of others are dropped.
   *
   * @param after the part's keys come behind this one; from the beginning where it is empty
   * @param upTo the last one that may belong to the part; to the end where it is missing
   * @param manifests all versions of the part that the receiver is to have
   */
  record Compare(
      Session session,
      BucketName bucket,
      String after,
      Optional<String> upTo,
      List<BlobManifest> manifests) {
    Compare {
      manifests = List.copyOf(manifests);
    }
  }

  /** The keys of those versions that the receiver does not have. */
  record Missing(List<String> keys) {
    Missing {
      keys = List.copyOf(keys);
    }
  }

  /** A version to be kept. */
  record Store(Session session, BlobManifest manifest) {}

  /** A blob that is there no more. */
  record Remove(Session session, BucketName bucket, String key) {}

  /** Ends the session: all has come. */
  record Close(Session session) {}

  /** How much has come, by bucket. */
  record Closed(List<Amount> amounts) {
    Closed {
      amounts = List.copyOf(amounts);
    }
  }

  /** How much of a bucket. */
  record Amount(BucketName bucket, long blobs, long bytes) {

    static List<Amount> of(Map<BucketName, BucketUsage> usage) {
      return usage.entrySet().stream()
          .map(
              each ->
                  new Amount(each.getKey(), each.getValue().blobCount(), each.getValue().bytes()))
          .toList();
    }

    /** Returns the sum by bucket. */
    static Map<BucketName, BucketUsage> sum(List<Amount> amounts) {
      Map<BucketName, BucketUsage> sum = new TreeMap<>();
      for (Amount each : amounts) {
        sum.merge(
            each.bucket,
            new BucketUsage(each.blobs, each.bytes),
            (one, other) ->
                new BucketUsage(one.blobCount() + other.blobCount(), one.bytes() + other.bytes()));
      }
      return sum;
    }
  }

  /** It is done. */
  record Done() {}

  /** Asks a node how far it is with what leaves it. */
  record ProgressQuestion(String plan) {}

  /**
   * How far a node is with what leaves it.
   *
   * @param caughtUp whether all is copied but for what was just changed
   * @param sealed whether changes of it wait already
   * @param blobs how many versions were sent
   * @param bytes how many bytes these had
   * @param failed why it cannot be done
   * @param problem what holds it up for now
   */
  record Progress(
      boolean caughtUp,
      boolean sealed,
      long blobs,
      long bytes,
      Optional<String> failed,
      Optional<String> problem) {}

  /**
   * Has a node hold back changes of what leaves it, and send the last of them.
   *
   * @param expected the version of the entry that is about to be replaced
   * @param breaksOff whether changes that do not end soon are broken off; left out where not
   */
  record Seal(String plan, long expected, Optional<Boolean> breaksOff) {}

  /** Asks a node which of the segments that leave it are being written to for long already. */
  record WritingQuestion(String plan) {}

  /** The segments whose changes take too long to wait for. */
  record Writing(List<Integer> segments) {
    Writing {
      segments = List.copyOf(segments);
    }
  }

  /** Asks the leader why it made plans, or none. */
  record DecisionsQuestion() {}

  /** Asks a node how much it holds. */
  record SizesQuestion() {}

  /**
   * How much a node owns, by segment; what is missing is empty.
   *
   * @param segments the cluster's segments
   * @param own segments of buckets' own
   */
  record Sizes(List<SegmentSize> segments, List<OwnSize> own) {
    Sizes {
      segments = List.copyOf(segments);
      own = List.copyOf(own);
    }
  }

  /** How much is in a segment of a bucket's own. */
  record OwnSize(BucketName bucket, int segment, long blobs, long bytes) {}

  /** How much is in a segment. */
  record SegmentSize(int segment, long blobs, long bytes) {}
}
