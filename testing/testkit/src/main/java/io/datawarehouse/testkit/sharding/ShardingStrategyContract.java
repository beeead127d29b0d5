package io.datawarehouse.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.testkit.contract.Allocations;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a {@link ShardingStrategy} must do. */
public abstract class ShardingStrategyContract {

  private static final int DRAWN = 2_000;
  private static final long SEED = 20_261_126;

  /** Makes the strategy under test, a new one at each call and all of them alike. */
  protected abstract ShardingStrategy strategy();

  /** Returns a key for each shard that the strategy must tell apart; may be empty. */
  protected abstract List<String> examples();

  private List<String> keys() {
    List<String> keys = new ArrayList<>(examples());
    Random random = new Random(SEED);
    for (int i = 0; i < DRAWN; i++) {
      StringBuilder key = new StringBuilder();
      for (int length = 1 + random.nextInt(12); length > 0; length--) {
        key.appendCodePoint(
            switch (random.nextInt(6)) {
              case 0 -> '/';
              case 1 -> 0x10000 + random.nextInt(0x1000);
              case 2 -> 0xE000 + random.nextInt(0x1FFF);
              case 3 -> 0x80 + random.nextInt(0x700);
              default -> 'a' + random.nextInt(26);
            });
      }
      keys.add(key.toString());
    }
    keys.add("a");
    keys.add("\u007E".repeat(1024));
    return keys;
  }

  @Test
  void everyKeyHasAShard() {
    ShardingStrategy strategy = strategy();

    assertThat(keys())
        .as("keys drawn with seed %s", SEED)
        .allSatisfy(
            key -> assertThat(strategy.shardOf(key)).isBetween(0, strategy.shards().size() - 1));
  }

  @Test
  void keyHasTheSameShardOnEveryNodeAndEachTime() {
    ShardingStrategy here = strategy();
    ShardingStrategy there = strategy();
    List<String> keys = keys();
    for (int i = keys.size() - 1; i >= 0; i--) {
      there.shardOf(keys.get(i));
    }

    assertThat(keys)
        .as("keys drawn with seed %s", SEED)
        .allSatisfy(
            key -> {
              int shard = here.shardOf(key);
              assertThat(here.shardOf(new String(key.toCharArray()))).isEqualTo(shard);
              assertThat(there.shardOf(key)).isEqualTo(shard);
            });
  }

  @Test
  void examplesAreToldApart() {
    ShardingStrategy strategy = strategy();

    assertThat(examples().stream().map(strategy::shardOf)).doesNotHaveDuplicates();
  }

  @Test
  void shardsAreTheSameEachTimeAndNamedOnce() {
    ShardingStrategy strategy = strategy();
    List<Shard> shards = strategy.shards();

    assertThat(shards).isNotEmpty();
    assertThat(strategy.shards()).isEqualTo(shards);
    assertThat(strategy().shards()).isEqualTo(shards);
    assertThat(shards).extracting(Shard::name).doesNotHaveDuplicates();
    assertThat(strategy.scheme()).matches("[a-z0-9][a-z0-9-]{0,49}");
    assertThatThrownBy(() -> shards.remove(0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void findingAShardAllocatesNothing() {
    ShardingStrategy strategy = strategy();
    List<String> keys = keys();

    Allocations.requireNone(
        "shardOf",
        i -> {
          int unused = strategy.shardOf(keys.get(i % keys.size()));
        });
  }
}
