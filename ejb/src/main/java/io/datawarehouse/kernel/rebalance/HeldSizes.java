package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.placement.SegmentTable;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BucketName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up how much is in each segment. Confined to one thread. */
final class HeldSizes {

  private static final class Sum {
    private long blobs;
    private long bytes;

    void add(long moreBlobs, long moreBytes) {
      blobs += moreBlobs;
      bytes += moreBytes;
    }
  }

  private final Map<Integer, Sum> cluster = new TreeMap<>();
  private final Map<BucketName, Map<Integer, Sum>> own = new TreeMap<>();

  /** Adds a blob. */
  void add(BucketName bucket, int segment, long bytes) {
    of(bucket, segment).add(1, bytes);
  }

  /** Adds what a node says. */
  void add(NodeMoves.Sizes sizes) {
    for (NodeMoves.SegmentSize each : sizes.segments()) {
      if (each.segment() >= 0 && each.segment() < SegmentTable.SEGMENTS) {
        cluster
            .computeIfAbsent(each.segment(), segment -> new Sum())
            .add(each.blobs(), each.bytes());
      }
    }
    sizes.own().forEach(each -> of(each.bucket(), each.segment()).add(each.blobs(), each.bytes()));
  }

  private Sum of(BucketName bucket, int segment) {
    return (ShardMap.isOwn(segment)
            ? own.computeIfAbsent(bucket, name -> new TreeMap<>())
            : cluster)
        .computeIfAbsent(segment, number -> new Sum());
  }

  /** Returns how much is in a segment of the cluster. */
  long bytes(int segment) {
    Sum sum = cluster.get(segment);
    return sum == null ? 0 : sum.bytes;
  }

  /** Returns how much is in a segment of a bucket's own. */
  long bytes(BucketName bucket, int segment) {
    Sum sum = own.getOrDefault(bucket, Map.of()).get(segment);
    return sum == null ? 0 : sum.bytes;
  }

  /** Returns how much is in all of them. */
  long bytes() {
    long all = cluster.values().stream().mapToLong(sum -> sum.bytes).sum();
    for (Map<Integer, Sum> segments : own.values()) {
      all += segments.values().stream().mapToLong(sum -> sum.bytes).sum();
    }
    return all;
  }

  /** Returns what another node is told. */
  NodeMoves.Sizes toSizes() {
    List<NodeMoves.SegmentSize> segments = new ArrayList<>();
    cluster.forEach(
        (segment, sum) -> segments.add(new NodeMoves.SegmentSize(segment, sum.blobs, sum.bytes)));
    List<NodeMoves.OwnSize> owned = new ArrayList<>();
    own.forEach(
        (bucket, sums) ->
            sums.forEach(
                (segment, sum) ->
                    owned.add(new NodeMoves.OwnSize(bucket, segment, sum.blobs, sum.bytes))));
    return new NodeMoves.Sizes(segments, owned);
  }
}
