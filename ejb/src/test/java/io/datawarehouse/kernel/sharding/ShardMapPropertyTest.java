package io.datawarehouse.kernel.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Laws of maps, over drawn keys, rules and nodes; a failure names its seed. */
class ShardMapPropertyTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final List<String> ZONES = List.of("fra", "zrh", "nyc");
  private static final List<String> REGIONS = List.of("eu", "ch", "us");
  private static final int ROUNDS = 200;

  private static List<ClusterNode> nodes(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                node(
                    "node-" + i,
                    ZONES.get(random.nextInt(3)),
                    REGIONS.get(random.nextInt(3)),
                    1 + random.nextInt(4)))
        .toList();
  }

  static ClusterNode node(String name, String zone, String region, double weight) {
    return new ClusterNode(
        new NodeDescriptor(
            new NodeId(name),
            1,
            name + ":9000",
            Map.of(),
            zone,
            "",
            weight,
            "test",
            Instant.EPOCH,
            Set.of(),
            Map.of("region", region)),
        NodeState.ACTIVE,
        Instant.EPOCH,
        "drawn");
  }

  private static String key(Random random) {
    int length = 1 + random.nextInt(6);
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(5)) {
        case 0 -> key.append('/');
        case 1 -> key.appendCodePoint(0x10000 + random.nextInt(20));
        case 2 -> key.append((char) (0xFFF0 + random.nextInt(14)));
        default -> key.append((char) ('a' + random.nextInt(3)));
      }
    }
    return key.toString();
  }

  private static List<String> splits(Random random, int count) {
    Set<String> splits = new TreeSet<>(Utf8Order::compare);
    for (int i = 0; i < count; i++) {
      splits.add(key(random));
    }
    return List.copyOf(splits);
  }

  private static ShardingChoice drawn(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> ShardingChoice.of("none", Optional.empty());
      case 1 -> ShardingChoice.of("hash", Optional.empty());
      case 2 -> of("range", Map.of("splits", splits(random, random.nextInt(8))));
      case 3 -> of("directory", directory(random));
      case 4 -> of("geographic", geography(random));
      default ->
          of(
              "composite",
              Map.of(
                  "first",
                  "geographic",
                  "options",
                  geography(random),
                  "ways",
                  1 + random.nextInt(8)));
    };
  }

  private static Map<String, Object> directory(Random random) {
    Map<String, Map<String, Object>> entries = new HashMap<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      String text = key(random);
      entries.put(text, Map.of("prefix", text, "node", "node-" + random.nextInt(5)));
    }
    return Map.of("entries", entries.values());
  }

  private static Map<String, Object> geography(Random random) {
    Map<String, Map<String, Object>> rules = new HashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      String prefix = key(random);
      rules.put(prefix, Map.of("prefix", prefix, "zones", List.of(ZONES.get(random.nextInt(3)))));
    }
    return Map.of(
        "residency",
        Map.of("regions", List.of(REGIONS.get(random.nextInt(3)), REGIONS.get(random.nextInt(3)))),
        "rules",
        rules.values(),
        "ways",
        1 + random.nextInt(5));
  }

  private static ShardingChoice of(String scheme, Object options) {
    return ShardingChoice.of(
        scheme, Optional.of(Json.read(Json.write(options), ShardingOptions.class)));
  }

  @Test
  void everyKeyHasOneSegmentAndAfterReadingTheMapAgainTheSame() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      ShardMap map = ShardMap.lay(BUCKET, drawn(random), nodes(random, 1 + random.nextInt(5)));
      ShardMap again = ShardMap.of(Json.read(Json.write(map.form()), ShardMap.Form.class));

      assertThat(again).as("seed %s", seed).isEqualTo(map);
      for (int i = 0; i < 50; i++) {
        String key = key(random);
        int segment = map.segmentOf(BUCKET, key);
        assertThat(segment).as("seed %s, key %s", seed, key).isNotNegative();
        assertThat(again.segmentOf(BUCKET, key)).as("seed %s", seed).isEqualTo(segment);
        assertThat(!ShardMap.isOwn(segment) || map.has(segment)).as("seed %s", seed).isTrue();
        assertThat(map.segments().get(map.choice().strategy().shardOf(key)))
            .as("seed %s, key %s", seed, key)
            .satisfies(
                own ->
                    assertThat(own.contains(segment) || own.isEmpty() && segment < 256).isTrue());
      }
    }
  }

  @Test
  void noKeyLiesOutsideOfItsResidencyWhateverNodesThereAre() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<ClusterNode> nodes = nodes(random, 1 + random.nextInt(5));
      ShardMap map = ShardMap.lay(BUCKET, drawn(random), nodes);
      requireResidency(map, nodes, seed);

      // Nodes go, others come; what had no owner gets one.
      List<ClusterNode> later = new ArrayList<>(nodes);
      later.removeIf(node -> random.nextBoolean());
      IntStream.range(5, 8)
          .forEach(
              i ->
                  later.add(
                      node(
                          "node-" + i,
                          ZONES.get(random.nextInt(3)),
                          REGIONS.get(random.nextInt(3)),
                          1)));
      ShardMap filled = map.filled(BUCKET, later);
      List<ClusterNode> all = new ArrayList<>(nodes);
      all.addAll(later);
      requireResidency(filled, all, seed);
      for (ShardMap.Own own : map.own()) {
        if (own.owner().isPresent()) {
          assertThat(filled.owner(own.segment())).as("seed %s", seed).isEqualTo(own.owner().get());
        } else {
          boolean possible =
              later.stream()
                  .anyMatch(node -> map.residency(own.segment()).admits(node.descriptor()));
          assertThat(filled.owner(own.segment()) != null).as("seed %s", seed).isEqualTo(possible);
        }
      }
    }
  }

  private static void requireResidency(ShardMap map, List<ClusterNode> nodes, int seed) {
    for (Shard shard : map.choice().strategy().shards()) {
      assertThat(shard.residency().isAnywhere() || shard.spread().own())
          .as("seed %s: what is bound to places has own segments", seed)
          .isTrue();
    }
    for (ShardMap.Own own : map.own()) {
      own.owner()
          .ifPresent(
              owner ->
                  assertThat(nodes)
                      .as("seed %s, segment %s", seed, own)
                      .anyMatch(
                          node ->
                              node.id().equals(owner)
                                  && map.residency(own.segment()).admits(node.descriptor())));
    }
  }

  @Test
  void dividingAndPuttingTogetherMovesNoKeyToAnotherNode() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      boolean composite = random.nextBoolean();
      Map<String, Object> ranges = Map.of("splits", splits(random, random.nextInt(4)));
      ShardMap map =
          ShardMap.lay(
              BUCKET,
              composite
                  ? of("composite", Map.of("options", ranges, "ways", 3))
                  : of("range", ranges),
              nodes(random, 4));
      List<String> keys = IntStream.range(0, 60).mapToObj(i -> key(random)).toList();
      Map<String, NodeId> before = holders(map, keys);

      for (int step = 0; step < 12; step++) {
        List<String> splits = map.choice().ranges().orElseThrow().splits();
        if (random.nextInt(3) > 0) {
          String at = key(random);
          map = splits.contains(at) ? map : map.split(at);
        } else if (!splits.isEmpty()) {
          int range = random.nextInt(splits.size());
          map = map.alike(range) ? map.merged(range) : map;
        }
        assertThat(holders(map, keys)).as("seed %s, step %s", seed, step).isEqualTo(before);
        requireOrder(map, keys, seed);
      }
    }
  }

  private static Map<String, NodeId> holders(ShardMap map, List<String> keys) {
    Map<String, NodeId> holders = new HashMap<>();
    keys.forEach(key -> holders.put(key, map.owner(map.segmentOf(BUCKET, key))));
    return holders;
  }

  /** Ranges cover all keys, in the order of their bytes. */
  private static void requireOrder(ShardMap map, List<String> keys, int seed) {
    List<String> sorted =
        keys.stream()
            .sorted(
                (one, other) ->
                    Arrays.compareUnsigned(
                        one.getBytes(StandardCharsets.UTF_8),
                        other.getBytes(StandardCharsets.UTF_8)))
            .toList();
    int last = 0;
    for (String key : sorted) {
      int range = map.choice().strategy().shardOf(key);
      assertThat(range).as("seed %s, key %s", seed, key).isGreaterThanOrEqualTo(last);
      last = range;
    }
    assertThat(last).isLessThan(map.choice().strategy().shards().size());
  }

  @Test
  void numbersOfSegmentsAreUsedOnce() {
    ShardMap map =
        ShardMap.lay(BUCKET, ShardingChoice.of("range", Optional.empty()), nodes(new Random(1), 3));

    ShardMap divided = map.split("m");
    ShardMap whole = divided.merged(0);
    ShardMap again = whole.split("m");

    assertThat(map.own()).extracting(ShardMap.Own::segment).containsExactly(256);
    assertThat(divided.own()).extracting(ShardMap.Own::segment).containsExactly(256, 257);
    assertThat(again.own()).extracting(ShardMap.Own::segment).containsExactly(256, 258);
    assertThat(
            again
                .relaid(
                    BUCKET, ShardingChoice.of("range", Optional.empty()), nodes(new Random(1), 3))
                .own())
        .extracting(ShardMap.Own::segment)
        .containsExactly(259);
  }

  @Test
  void ownSegmentsAreSpreadByWeight() {
    List<ClusterNode> nodes = List.of(node("node-1", "a", "eu", 1), node("node-2", "a", "eu", 3));
    ShardMap map = ShardMap.lay(BUCKET, of("composite", Map.of("ways", 64)), nodes);

    assertThat(map.own().stream().filter(own -> own.owner().get().value().equals("node-2")))
        .hasSizeBetween(47, 49);
  }

  @Test
  void hashStaysWhereItWas() {
    ShardMap map =
        ShardMap.lay(BUCKET, ShardingChoice.of("hash", Optional.empty()), nodes(new Random(1), 3));

    assertThat(map.own()).isEmpty();
    assertThat(map).isEqualTo(ShardMap.HASHED);
    assertThat(List.of("a", "b/c", "ä/€", "\uD83D\uDE00"))
        .extracting(key -> map.segmentOf(BUCKET, key))
        .containsExactly(206, 97, 230, 70);
  }

  @Test
  void wholeBucketLiesOnOneSegmentOfTheCluster() {
    ShardMap map =
        ShardMap.lay(BUCKET, ShardingChoice.of("none", Optional.empty()), nodes(new Random(1), 3));
    Random random = new Random(7);

    assertThat(IntStream.range(0, 100).map(i -> map.segmentOf(BUCKET, key(random))).distinct())
        .singleElement()
        .satisfies(segment -> assertThat(segment).isBetween(0, 255));
  }
}
