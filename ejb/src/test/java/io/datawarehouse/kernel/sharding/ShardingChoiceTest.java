package io.datawarehouse.kernel.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.sdk.sharding.Spread;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardingChoiceTest {

  static ShardingChoice choice(String scheme, String options) {
    return ShardingChoice.of(scheme, Optional.of(options(options)));
  }

  /** Reads options in which quotes may be single. */
  static ShardingOptions options(String json) {
    return Json.read(
        json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), ShardingOptions.class);
  }

  private static String nameOf(ShardingChoice choice, String key) {
    return shardOf(choice, key).name();
  }

  private static Shard shardOf(ShardingChoice choice, String key) {
    return choice.strategy().shards().get(choice.strategy().shardOf(key));
  }

  @Test
  void unknownNameIsRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> choice("alphabet", "{}"))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
              assertThat(e.attributes()).containsEntry("field", "sharding");
            })
        .hasMessageContaining("none, hash, range, directory, geographic, composite");
  }

  @Test
  void rangesFollowTheOrderOfUtf8Bytes() {
    // U+FFFD comes before U+10000 in UTF-8 and after its first half in UTF-16.
    ShardingChoice choice = choice("range", "{'splits': ['b', '\uFFFD', '\uD800\uDC00']}");

    assertThat(nameOf(choice, "a")).isEqualTo("[, b)");
    assertThat(nameOf(choice, "b")).isEqualTo("[b, \uFFFD)");
    assertThat(nameOf(choice, "ba")).isEqualTo("[b, \uFFFD)");
    assertThat(nameOf(choice, "\uFFFDz")).isEqualTo("[\uFFFD, \uD800\uDC00)");
    assertThat(nameOf(choice, "\uD83D\uDE00")).isEqualTo("[\uD800\uDC00, …)");
  }

  @Test
  void longestPrefixWinsAndAWholeKeyBeforeIt() {
    ShardingChoice choice =
        choice(
            "directory",
            """
            {'entries': [{'prefix': 'a', 'node': 'node-1'}, {'prefix': 'a/b/', 'node': 'node-2'},
              {'prefix': 'a/b/c', 'node': 'node-3'}, {'key': 'a/b/c', 'node': 'node-4'},
              {'prefix': 'a/c', 'zones': ['z']}]}
            """);

    assertThat(nameOf(choice, "b")).isEqualTo("rest");
    assertThat(nameOf(choice, "a")).isEqualTo("prefix a");
    assertThat(nameOf(choice, "a/b")).isEqualTo("prefix a");
    assertThat(nameOf(choice, "a/b/")).isEqualTo("prefix a/b/");
    assertThat(nameOf(choice, "a/b/zzz")).isEqualTo("prefix a/b/");
    assertThat(nameOf(choice, "a/b/c")).isEqualTo("key a/b/c");
    assertThat(nameOf(choice, "a/b/cc")).isEqualTo("prefix a/b/c");
    assertThat(nameOf(choice, "a/bz")).isEqualTo("prefix a");
    assertThat(nameOf(choice, "a/d")).isEqualTo("prefix a");
    assertThat(shardOf(choice, "a").residency()).isEqualTo(Residency.on(new NodeId("node-1")));
    assertThat(shardOf(choice, "a").spread()).isEqualTo(Spread.own(1));
    assertThat(shardOf(choice, "a/c").residency()).isEqualTo(Residency.inZones(Set.of("z")));
    assertThat(shardOf(choice, "b").spread()).isEqualTo(Spread.CLUSTER);
  }

  @Test
  void ruleNarrowsWhatHoldsForTheWholeBucketAndNeverWidensIt() {
    ShardingChoice choice =
        choice(
            "geographic",
            """
            {'residency': {'regions': ['eu', 'ch']},
             'rules': [{'prefix': 'de/', 'regions': ['eu', 'us'], 'zones': ['fra']}]}
            """);

    assertThat(shardOf(choice, "x").residency()).isEqualTo(Residency.inRegions(Set.of("eu", "ch")));
    assertThat(shardOf(choice, "de/x").residency())
        .isEqualTo(
            Residency.inRegions(Set.of("eu")).and(Residency.inZones(Set.of("fra"))).orElseThrow());
    assertThatThrownBy(
            () ->
                choice(
                    "geographic",
                    "{'residency': {'regions': ['eu']},"
                        + "'rules': [{'prefix': 'us/', 'regions': ['us']}]}"))
        .hasMessageContaining("shardingOptions.rules")
        .hasMessageContaining("us/");
  }

  @Test
  void compositionSpreadsEachShardOfTheFirst() {
    ShardingChoice choice =
        choice(
            "composite",
            "{'first': 'directory', 'ways': 8, 'options': {'entries':"
                + "[{'prefix': 'a/', 'node': 'node-1'}]}}");

    assertThat(shardOf(choice, "a/x").spread()).isEqualTo(Spread.own(8));
    assertThat(shardOf(choice, "b").spread()).isEqualTo(Spread.CLUSTER);
    assertThat(choice("composite", "{}").ranges()).isPresent();
    assertThat(choice("composite", "{}").strategy().shards())
        .extracting(Shard::spread)
        .containsExactly(Spread.own(ShardingChoice.STANDARD_WAYS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          none       | {'splits': []}                              | shardingOptions.splits
          hash       | {'ways': 1}                                 | shardingOptions.ways
          range      | {'split': ['a']}                            | shardingOptions.split
          range      | {'splits': 'a'}                             | shardingOptions.splits
          range      | {'splits': ['b', 'a']}                      | shardingOptions.splits
          range      | {'splits': ['a', 'a']}                      | shardingOptions.splits
          range      | {'splits': ['']}                            | shardingOptions.splits
          range      | {'mostBytes': 5}                            | shardingOptions.mostBytes
          range      | {'mostRequestsPerSecond': 0}                | shardingOptions.mostRequestsPerSecond
          directory  | {'entries': [{'prefix': 'a'}]}              | shardingOptions.entries
          directory  | {'entries': [{'node': 'n'}]}                | shardingOptions.entries
          directory  | {'entries': [{'prefix': 'a', 'key': 'a', 'node': 'n'}]} | shardingOptions.entries
          directory  | {'entries': [{'prefix': 'a', 'node': 'n'}, {'prefix': 'a', 'node': 'm'}]} | shardingOptions.entries
          directory  | {'entries': [{'prefix': 'a', 'node': 'n', 'ways': 0}]} | shardingOptions.ways
          geographic | {}                                          | shardingOptions.residency
          geographic | {'rules': [{'zones': ['z']}]}               | shardingOptions.rules
          geographic | {'rules': [{'prefix': 'a'}]}                | shardingOptions.rules
          geographic | {'residency': {'zone': ['z']}}              | shardingOptions.residency.zone
          geographic | {'residency': {'zones': ['z']}, 'ways': 257}| shardingOptions.ways
          composite  | {'first': 'hash'}                           | shardingOptions.first
          composite  | {'first': 'nothing'}                        | shardingOptions.first
          composite  | {'within': 'range'}                         | shardingOptions.within
          composite  | {'options': {'splits': ['b', 'a']}}         | shardingOptions.options.splits
          """)
  void badParameterIsRefusedByName(String scheme, String options, String field) {
    assertThatThrownBy(() -> choice(scheme, options))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e ->
                assertThat(e.code())
                    .isIn(StandardErrorCode.INVALID_ARGUMENT, StandardErrorCode.INVALID_JSON))
        .hasMessageContaining(field);
  }

  @Test
  void moreSegmentsThanABucketMayHaveAreRefused() {
    List<String> splits =
        java.util.stream.IntStream.range(0, 20).mapToObj(i -> "'%02d'".formatted(i)).toList();

    assertThatThrownBy(
            () -> choice("composite", "{'ways': 256, 'options': {'splits': " + splits + "}}"))
        .hasMessageContaining("shardingOptions")
        .hasMessageContaining("4096");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{'b': 1, 'a': {'d': [1, 2], 'c': null}}", "{'a':{'c':null,'d':[1,2]},'b':1}"})
  void sameOptionsHaveTheSameText(String json) {
    assertThat(options(json).json()).isEqualTo("{\"a\":{\"c\":null,\"d\":[1,2]},\"b\":1}");
  }
}
