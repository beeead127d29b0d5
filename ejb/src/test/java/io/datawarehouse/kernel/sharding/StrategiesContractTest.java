package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.sharding.ShardingStrategy;
import io.datawarehouse.testkit.sharding.ShardingStrategyContract;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of strategies, for each scheme. */
class StrategiesContractTest {

  private static ShardingStrategy strategy(String scheme, String options) {
    return ShardingChoiceTest.choice(scheme, options).strategy();
  }

  @Nested
  class None extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy("none", "{}");
    }

    @Override
    protected List<String> examples() {
      return List.of();
    }
  }

  @Nested
  class Hash extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy("hash", "{}");
    }

    @Override
    protected List<String> examples() {
      return List.of();
    }
  }

  @Nested
  class Range extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy(
          "range", "{'splits': ['b', 'k', '\uE000', '\uD800\uDC00']}");
    }

    @Override
    protected List<String> examples() {
      return List.of("a", "b", "k/\uD83D\uDE00", "\uE001", "\uD83D\uDE00");
    }
  }

  @Nested
  class Directory extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy(
          "directory",
          "{'entries': [{'prefix': 'a', 'node': 'n1'}, {'prefix': 'a/b', 'zones': ['z']},"
              + " {'key': 'a/b/c', 'node': 'n2'}, {'prefix': 'k/', 'regions': ['eu']}]}");
    }

    @Override
    protected List<String> examples() {
      return List.of("a", "a/b", "a/b/c", "k/a", "z");
    }
  }

  @Nested
  class Geographic extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy(
          "geographic",
          "{'residency': {'regions': ['eu', 'ch']}, 'rules':"
              + " [{'prefix': 'ch/', 'regions': ['ch']}, {'prefix': 'ch/zh/', 'zones': ['zrh']}]}");
    }

    @Override
    protected List<String> examples() {
      return List.of("a", "ch/be", "ch/zh/1");
    }
  }

  @Nested
  class Composite extends ShardingStrategyContract {
    @Override
    protected ShardingStrategy strategy() {
      return StrategiesContractTest.strategy(
          "composite", "{'options': {'splits': ['c', 'm']}, 'ways': 8}");
    }

    @Override
    protected List<String> examples() {
      return List.of("a", "c", "z");
    }
  }
}
