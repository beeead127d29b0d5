package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.balance.BalancingSettings;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.sharding.ShardingChoice;
import io.datawarehouse.sdk.balance.ShardingScheme;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What may be asked of a bucket, and when two askings are the same. */
final class BucketRules {

  private BucketRules() {}

  /** A bucket keeps the pipeline that it got when it was made, whatever the default is later. */
  static BucketSettings withPipeline(BucketSettings asked, ContentPipelines pipelines) {
    List<String> chosen = pipelines.choose(asked.pipeline());
    return asked.pipeline().isEmpty() && chosen.isEmpty() ? asked : asked.withPipeline(chosen);
  }

  /**
   * A bucket keeps the sharding that it got when it was made, whatever the default is later.
   *
   * @param standard what a bucket gets that does not say
   */
  static BucketSettings withSharding(BucketSettings asked, ShardingScheme standard) {
    return asked.sharding().isPresent()
        ? asked
        : asked.withSharding(standard.id(), Optional.empty());
  }

  /** Returns the sharding of settings that name one. */
  static ShardingChoice sharding(BucketSettings settings) {
    return ShardingChoice.of(settings.sharding().orElseThrow(), settings.shardingOptions());
  }

  /**
   * Refuses rules that name what no node of the cluster is.
   *
   * @param nodes all nodes that are known
   */
  static void requireKnown(ShardingChoice choice, List<ClusterNode> nodes) {
    List<NodeDescriptor> known = nodes.stream().map(ClusterNode::descriptor).toList();
    for (Shard shard : choice.strategy().shards()) {
      Residency wanted = shard.residency();
      wanted
          .nodes()
          .forEach(node -> require("node", node, known, other -> other.id().equals(node)));
      wanted
          .zones()
          .forEach(zone -> require("zones", zone, known, other -> other.zone().equals(zone)));
      wanted
          .labels()
          .forEach(
              (name, values) ->
                  values.forEach(
                      value ->
                          require(
                              name.equals(Residency.REGION) ? "regions" : "labels." + name,
                              value,
                              known,
                              other -> value.equals(other.labels().get(name)))));
    }
  }

  private static void require(
      String field, Object value, List<NodeDescriptor> known, Predicate<NodeDescriptor> is) {
    if (known.stream().noneMatch(is)) {
      throw WarehouseException.invalid(
          "shardingOptions." + field, value, "no node of the cluster is known by that");
    }
  }

  /** Checks the names of a pipeline before anybody is told whether they are known. */
  static void requireNames(List<String> pipeline) {
    var unused = BucketSettings.none().withPipeline(pipeline);
  }

  /** Returns whether a bucket with the first settings is what the second ask for. */
  static boolean same(BucketSettings present, BucketSettings wanted) {
    return differing(present, wanted).isEmpty();
  }

  /**
   * A setting that changes what happens to content is kept to the letter, or refused; those of
   * copies are remembered for when there will be more than one.
   */
  static void requireSupported(BucketSettings settings) {
    settings
        .replication()
        .ifPresent(name -> requireOneOf("replication", name, BalancingSettings.REPLICATIONS));
    settings
        .conflictResolver()
        .ifPresent(name -> requireOneOf("conflictResolver", name, BalancingSettings.RESOLVERS));
    settings
        .versioning()
        .filter(wanted -> wanted)
        .ifPresent(
            wanted -> {
              throw unsupported(
                  "versioning", wanted, "this installation keeps the latest version only");
            });
    settings
        .retention()
        .filter(time -> !time.isZero())
        .ifPresent(
            time -> {
              throw unsupported(
                  "retention", time, "this installation cannot keep blobs from being deleted");
            });
  }

  private static void requireOneOf(String setting, String name, List<String> known) {
    if (!known.contains(name)) {
      throw unsupported(setting, name, "known are " + String.join(", ", known));
    }
  }

  private static WarehouseException unsupported(String setting, Object value, String why) {
    return WarehouseException.invalid(StandardErrorCode.SETTING_UNSUPPORTED, setting, value, why);
  }

  static void requireSame(BucketDefinition present, BucketSettings wanted) {
    List<String> differing = differing(present.settings(), wanted);
    if (!differing.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_EXISTS,
          "bucket '"
              + present.name()
              + "' exists with other settings: "
              + String.join(", ", differing),
          Map.of("settings", String.join(",", differing)),
          null);
    }
  }

  private static List<String> differing(BucketSettings one, BucketSettings other) {
    List<String> names = new ArrayList<>();
    addIf(names, "replicationFactor", !one.replicationFactor().equals(other.replicationFactor()));
    addIf(names, "writeQuorum", !one.writeQuorum().equals(other.writeQuorum()));
    addIf(names, "replication", !one.replication().equals(other.replication()));
    addIf(names, "conflictResolver", !one.conflictResolver().equals(other.conflictResolver()));
    addIf(names, "sharding", differsInSharding(one, other));
    addIf(names, "pipeline", differsInPipeline(one, other));
    addIf(names, "versioning", !one.versioning().equals(other.versioning()));
    addIf(names, "quotaBytes", !one.quotaBytes().equals(other.quotaBytes()));
    addIf(names, "retention", !one.retention().equals(other.retention()));
    return names;
  }

  /** A bucket has the pipeline of its making or of its last change; asking for none fits any. */
  private static boolean differsInPipeline(BucketSettings present, BucketSettings wanted) {
    return wanted.pipeline().isPresent()
        && !wanted.pipeline().get().equals(present.pipeline().orElse(List.of()));
  }

  /** As with the pipeline; a bucket from before there were strategies is spread by a hash. */
  private static boolean differsInSharding(BucketSettings present, BucketSettings wanted) {
    return wanted.sharding().isPresent()
        && !(wanted.sharding().get().equals(present.sharding().orElse(ShardingScheme.HASH.id()))
            && wanted
                .shardingOptions()
                .orElse(ShardingOptions.NONE)
                .equals(present.shardingOptions().orElse(ShardingOptions.NONE)));
  }

  private static void addIf(List<String> names, String name, boolean differs) {
    if (differs) {
      names.add(name);
    }
  }
}
