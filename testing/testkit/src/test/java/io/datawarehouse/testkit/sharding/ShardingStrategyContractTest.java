package io.datawarehouse.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.sharding.Residency;
import io.datawarehouse.sdk.sharding.Shard;
import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.sdk.sharding.Spread;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract against a strategy that divides by the first letter, and against broken ones. */
class ShardingStrategyContractTest {

  private static UnaryOperator<ShardingStrategy> flaw = sound -> sound;

  @Nested
  class OfTheFirstLetter extends ByFirstLetter {}

  @Test
  void keyWithoutAShardIsNoticed() {
    assertThat(failures(sound -> new Changed(sound, key -> key.length() > 9 ? 2 : 0)))
        .contains("everyKeyHasAShard");
  }

  @Test
  void shardByTheInstanceIsNoticed() {
    assertThat(
            failures(
                sound -> {
                  int own = instances++ % 2;
                  return new Changed(sound, key -> own);
                }))
        .contains("keyHasTheSameShardOnEveryNodeAndEachTime");
  }

  @Test
  void oneShardForAllIsNoticed() {
    assertThat(failures(sound -> new Changed(sound, key -> 0)))
        .containsExactly("examplesAreToldApart");
  }

  @Test
  void cuttingTheKeyIntoPiecesIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(
                        sound,
                        key -> {
                          String[] parts = key.split("/");
                          return parts.length > 0 && parts[0].startsWith("z") ? 1 : 0;
                        })))
        .contains("findingAShardAllocatesNothing");
  }

  @Test
  void shardsThatChangeAreNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound, sound::shardOf) {
                      @Override
                      public List<Shard> shards() {
                        return new ArrayList<>(super.shards());
                      }
                    }))
        .containsExactly("shardsAreTheSameEachTimeAndNamedOnce");
  }

  private static int instances;

  private static Set<String> failures(UnaryOperator<ShardingStrategy> broken) {
    flaw = broken;
    try {
      return BrokenContracts.failuresOf(ByFirstLetter.class);
    } finally {
      flaw = sound -> sound;
    }
  }

  /** Keys that begin with z, and the others. */
  static class ByFirstLetter extends ShardingStrategyContract {

    @Override
    protected ShardingStrategy strategy() {
      return flaw.apply(new FirstLetter());
    }

    @Override
    protected List<String> examples() {
      return List.of("a", "z");
    }
  }

  private static final class FirstLetter implements ShardingStrategy {

    private static final List<Shard> SHARDS =
        List.of(
            new Shard("others", "any other", Residency.ANYWHERE, Spread.CLUSTER),
            new Shard("z", "it begins with z", Residency.ANYWHERE, Spread.own(1)));

    @Override
    public String scheme() {
      return "first-letter";
    }

    @Override
    public List<Shard> shards() {
      return SHARDS;
    }

    @Override
    public int shardOf(String key) {
      return key.startsWith("z") ? 1 : 0;
    }
  }

  private interface Finder {
    int shardOf(String key);
  }

  private static class Changed implements ShardingStrategy {

    private final ShardingStrategy sound;
    private final Finder finder;

    Changed(ShardingStrategy sound, Finder finder) {
      this.sound = sound;
      this.finder = finder;
    }

    @Override
    public String scheme() {
      return sound.scheme();
    }

    @Override
    public List<Shard> shards() {
      return sound.shards();
    }

    @Override
    public int shardOf(String key) {
      return finder.shardOf(key);
    }
  }
}
