package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Collects what does not move, one entry for each shard, node and reason. Where there are too many
 * for a plan the last ones are counted and not named. Confined to one thread.
 */
final class StayList {

  /** How many entries are named. */
  static final int MOST = 100;

  private static final int LONGEST = 300;

  private record Group(
      Optional<BucketName> bucket, Optional<String> shard, NodeId node, String because) {}

  private static final class Sum {
    private final List<Integer> segments = new ArrayList<>();
    private long bytes;
  }

  private final Map<Group, Sum> groups = new LinkedHashMap<>();

  void add(OwnSegment own, String because) {
    add(
        new Group(Optional.of(own.bucket()), Optional.of(own.shard().name()), own.owner(), because),
        own.segment(),
        own.bytes());
  }

  void add(int clusterSegment, NodeId owner, long bytes, String because) {
    add(new Group(Optional.empty(), Optional.empty(), owner, because), clusterSegment, bytes);
  }

  private void add(Group group, int segment, long bytes) {
    Sum sum = groups.computeIfAbsent(group, same -> new Sum());
    sum.segments.add(segment);
    sum.bytes += bytes;
  }

  List<PlanStay> toList() {
    List<PlanStay> named = new ArrayList<>();
    Map<NodeId, Sum> more = new TreeMap<>();
    groups.forEach(
        (group, sum) -> {
          if (named.size() < MOST) {
            named.add(shown(group, sum));
          } else {
            Sum rest = more.computeIfAbsent(group.node, node -> new Sum());
            rest.segments.addAll(sum.segments);
            rest.bytes += sum.bytes;
          }
        });
    more.forEach(
        (node, sum) ->
            named.add(
                new PlanStay(
                    Optional.empty(),
                    Optional.empty(),
                    node,
                    List.of(),
                    sum.bytes,
                    sum.segments.size() + " more segments stay there, for reasons as above")));
    return named;
  }

  private static PlanStay shown(Group group, Sum sum) {
    String why = group.because;
    return new PlanStay(
        group.bucket,
        group.shard,
        group.node,
        sum.segments.stream().sorted().toList(),
        sum.bytes,
        why.length() > LONGEST ? why.substring(0, LONGEST - 1) + "…" : why);
  }
}
