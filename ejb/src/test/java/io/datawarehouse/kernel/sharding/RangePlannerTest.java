package io.datawarehouse.kernel.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.sharding.RangePlanner.Limits;
import io.datawarehouse.kernel.sharding.RangePlanner.Merge;
import io.datawarehouse.kernel.sharding.RangePlanner.Split;
import io.datawarehouse.kernel.sharding.RangePlanner.Step;
import io.datawarehouse.kernel.sharding.RangePlanner.Survey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RangePlannerTest {

  private static final BucketName BUCKET = new BucketName("photos");
  private static final Limits LIMITS = new Limits(1000, 100, 256);
  private static final List<ClusterNode> NODES =
      List.of(
          ShardMapPropertyTest.node("node-1", "a", "eu", 1),
          ShardMapPropertyTest.node("node-2", "a", "eu", 1));

  private static ShardMap map(String... splits) {
    String list = String.join("','", splits);
    return ShardMap.layOn(
        BUCKET,
        ShardingChoiceTest.choice(
            "range", "{'splits': [" + (splits.length == 0 ? "" : "'" + list + "'") + "]}"),
        new NodeId("node-1"));
  }

  private static Survey survey(long bytes, double rate, String bySize, String byRate) {
    return new Survey(bytes, rate, Optional.ofNullable(bySize), Optional.ofNullable(byRate));
  }

  private static Optional<Step> plan(ShardMap map, Survey... surveys) {
    return RangePlanner.plan(map, List.of(surveys), LIMITS);
  }

  @Test
  void rangeThatHoldsTooMuchIsDividedInTheMiddle() {
    assertThat(plan(map("m"), survey(900, 0, "c", "d"), survey(1001, 0, "r", "s")))
        .containsInstanceOf(Split.class)
        .get()
        .extracting("at")
        .isEqualTo("r");
    assertThat(plan(map("m"), survey(1000, 0, "c", "d"), survey(1000, 100, "r", "s"))).isEmpty();
  }

  @Test
  void rangeThatGetsTooManyRequestsIsDividedWhereTheyAre() {
    assertThat(plan(map(), survey(10, 101, "c", "x")).map(step -> ((Split) step).at()))
        .contains("x");
  }

  @Test
  void whereOnlyHotRangesAreDividedTheRateOfOthersDoesNotCount() {
    Limits bySize = new Limits(1000, 100, 256, false);
    List<Survey> busy = List.of(survey(10, 500, "c", "x"));
    assertThat(RangePlanner.plan(map(), busy, bySize)).isEmpty();
    assertThat(RangePlanner.plan(map(), List.of(survey(1001, 500, "c", "x")), bySize))
        .map(step -> ((Split) step).at())
        .contains("c");
  }

  @Test
  void busiestOfTheHotRangesIsDividedWhereItsRequestsAre() {
    List<Survey> surveys =
        List.of(survey(0, 900, null, "c"), survey(0, 300, null, "h"), survey(0, 400, null, "r"));

    assertThat(RangePlanner.divide(map("g", "m"), surveys, Set.of(1, 2), 256).map(Split::at))
        .contains("r");
    assertThat(RangePlanner.divide(map("g", "m"), surveys, Set.of(), 256)).isEmpty();
    assertThat(RangePlanner.divide(map("g", "m"), surveys, Set.of(1, 2), 3)).isEmpty();
  }

  @Test
  void hotRangeOfOneKeyIsNotDivided() {
    List<Survey> surveys = List.of(survey(0, 900, null, null), survey(0, 900, null, "m"));

    assertThat(RangePlanner.divide(map("m"), surveys, Set.of(0, 1), 256)).isEmpty();
  }

  @Test
  void rangeOfOneHotKeyIsNotDivided() {
    assertThat(plan(map("m"), survey(10, 0, "c", "c"), survey(10, 500, null, null))).isEmpty();
    assertThat(plan(map("m"), survey(10, 0, "c", "c"), survey(10, 500, "m", "m"))).isEmpty();
  }

  @Test
  void neighboursThatAreSmallTogetherArePutTogether() {
    assertThat(
            plan(
                map("g", "m"),
                survey(200, 5, "c", "c"),
                survey(100, 5, "h", "h"),
                survey(100, 5, "r", "r")))
        .get()
        .isInstanceOfSatisfying(Merge.class, merge -> assertThat(merge.range()).isEqualTo(1));
    assertThat(plan(map("m"), survey(100, 5, "c", "c"), survey(100, 30, "r", "r"))).isEmpty();
  }

  @Test
  void neighboursOnDifferentNodesStayApart() {
    ShardMap map = map("m").withOwner(257, new NodeId("node-2"));

    assertThat(plan(map, survey(1, 0, "c", "c"), survey(1, 0, "r", "r"))).isEmpty();
  }

  @Test
  void noMoreRangesThanAllowed() {
    assertThat(
            RangePlanner.plan(
                map("m"),
                List.of(survey(5000, 0, "c", "c"), survey(900, 0, "r", "r")),
                new Limits(1000, 100, 2)))
        .isEmpty();
  }

  /** Whatever a bucket holds, the plan comes to rest, and stays there for the same load. */
  @Test
  void steadyLoadComesToRest() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      List<String> keys =
          List.copyOf(
              new TreeSet<>(
                  IntStream.range(0, 300)
                      .mapToObj(i -> Integer.toString(random.nextInt(100_000), 36))
                      .toList()));
      double hot = random.nextDouble() * 3;
      ShardMap map = ShardMap.lay(BUCKET, ShardingChoice.of("range", Optional.empty()), NODES);
      int steps = 0;
      for (Optional<Step> step = look(map, keys, hot);
          step.isPresent();
          step = look(map, keys, hot)) {
        assertThat(++steps).as("seed %s", seed).isLessThan(200);
        map =
            step.get() instanceof Split split
                ? map.split(split.at())
                : map.merged(((Merge) step.get()).range());
      }
      assertThat(map.choice().strategy().shards()).as("seed %s", seed).hasSizeGreaterThan(4);
    }
  }

  /** Each key holds 30 bytes and gets some requests, those at the end more. */
  private static Optional<Step> look(ShardMap map, List<String> keys, double hot) {
    int ranges = map.choice().strategy().shards().size();
    List<List<String>> held = new ArrayList<>();
    IntStream.range(0, ranges).forEach(i -> held.add(new ArrayList<>()));
    keys.forEach(key -> held.get(map.choice().strategy().shardOf(key)).add(key));
    List<Survey> surveys = new ArrayList<>();
    for (List<String> range : held) {
      double rate = range.stream().mapToDouble(key -> key.startsWith("z") ? hot * 20 : hot).sum();
      Optional<String> middle =
          range.size() < 2 ? Optional.empty() : Optional.of(range.get(range.size() / 2));
      surveys.add(new Survey(range.size() * 30L, rate, middle, middle));
    }
    return RangePlanner.plan(map, surveys, LIMITS);
  }
}
