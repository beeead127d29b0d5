package io.datawarehouse.sdk.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.OperatingMode;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.HandshakeResult;
import io.datawarehouse.sdk.plugin.KernelOffer;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.plugin.SdkVersion;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Uses of the balancing contracts: two working strategies and a provider of affinity. */
class StrategyUseTest {

  private static final LoadBalancingConfig CONFIG = DeploymentTier.ENTERPRISE.defaults();
  private static final int MANY = 100;

  @Test
  void roundRobinTakesTurnsAmongTheUsable() {
    CandidateTable table = table(3);
    Signals signals = new Signals(3);
    NodeSelector selector = new RoundRobin().prepare(table, CONFIG);

    List<Integer> first = IntStream.range(0, 6).mapToObj(i -> selector.select(signals)).toList();
    signals.unusable[1] = true;
    List<Integer> second = IntStream.range(0, 4).mapToObj(i -> selector.select(signals)).toList();

    assertThat(first).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(second).doesNotContain(1).contains(0, 2);
    Arrays.fill(signals.unusable, true);
    assertThat(selector.select(signals)).isEqualTo(NodeSelector.NONE);
    assertThat(new RoundRobin().prepare(table(0), CONFIG).select(new Signals(0)))
        .isEqualTo(NodeSelector.NONE);
  }

  @Test
  void ringFollowsKeysAndAJoinMovesKeysToTheJoinerAlone() {
    Ring ring = new Ring();
    NodeSelector ten = ring.prepare(table(10), CONFIG);
    NodeSelector eleven = ring.prepare(table(11), CONFIG);
    int moved = 0;
    for (int i = 0; i < 10_000; i++) {
      long hash = KeyHash.of("bucket/key-" + i);
      int before = ten.select(new Signals(10), hash);
      int after = eleven.select(new Signals(11), hash);
      assertThat(ten.select(new Signals(10), hash)).isEqualTo(before);
      if (before != after) {
        assertThat(after).as("only to the joiner").isEqualTo(10);
        moved++;
      }
    }
    assertThat(moved).isBetween(500, 1400);
  }

  @Test
  void ringPassesANodeThatIsNotUsable() {
    NodeSelector selector = new Ring().prepare(table(10), CONFIG);
    Signals signals = new Signals(10);
    long hash = KeyHash.of("bucket/key");
    int owner = selector.select(signals, hash);

    signals.unusable[owner] = true;

    assertThat(selector.select(signals, hash)).isNotIn(owner, NodeSelector.NONE);
    RouteExplanation explained = selector.explain(signals, hash);
    assertThat(explained.chosen()).isPresent();
    assertThat(explained.candidates().get(owner).excluded()).isTrue();
    assertThat(explained.because()).contains("ring");
  }

  @Test
  void choosingAmongAHundredAllocatesNothing() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Signals signals = new Signals(MANY);
    List<NodeSelector> selectors =
        List.of(
            new RoundRobin().prepare(table(MANY), CONFIG), new Ring().prepare(table(MANY), CONFIG));
    long sum = 0;
    for (NodeSelector selector : selectors) {
      for (int i = 0; i < 20_000; i++) {
        sum += selector.select(signals, i * 0x9E3779B97F4A7C15L);
      }
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      for (int i = 0; i < 20_000; i++) {
        sum += selector.select(signals, i * 0x9E3779B97F4A7C15L);
      }
      long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      // Asking for the figure allocates a little itself; one object a choice would be 320 kB.
      assertThat(allocated).isLessThan(16_000);
    }
    assertThat(sum).isPositive();
  }

  @Test
  void pluginBaseProvidesTheStrategyUnderItsName() {
    HandshakeResult answer =
        new RoundRobin()
            .handshake(
                new KernelOffer(SdkVersion.CURRENT, new NodeId("a"), OperatingMode.CLUSTERED));

    assertThat(answer).isInstanceOf(HandshakeResult.Accepted.class);
    assertThat(((HandshakeResult.Accepted) answer).provisions())
        .singleElement()
        .satisfies(
            provision -> {
              assertThat(provision.key()).isEqualTo(LoadBalancerStrategy.CAPABILITY);
              assertThat(provision.name()).isEqualTo("round-robin");
            });
    assertThat(BalancingAlgorithms.all()).hasSize(8).contains("round-robin");
  }

  @Test
  void tableIsSortedAndHoldsANodeOnce() {
    Candidate a = new Candidate(new NodeId("a"), 1, "z", true);
    Candidate b = new Candidate(new NodeId("b"), 1, "z", false);
    assertThatThrownBy(() -> new CandidateTable(1, List.of(b, a)))
        .hasMessageContaining("candidates is 'a'");
    assertThatThrownBy(() -> new CandidateTable(1, List.of(a, a)))
        .hasMessageContaining("candidates is 'a'");
    assertThatThrownBy(() -> new Candidate(new NodeId("a"), -1, "z", true))
        .hasMessageContaining("weight is '-1.0'");
  }

  @Test
  void messagesOfOneBucketKeepTogether() {
    AffinityProvider byBucket = new ByBucket();
    Message one = write("photos", "1.jpg");
    Message two = write("photos", "2.jpg");
    Message other = write("letters", "1.txt");

    assertThat(byBucket.keyOf(one)).isEqualTo("photos").isEqualTo(byBucket.keyOf(two));
    assertThat(byBucket.keyOf(other)).isEqualTo("letters");
    assertThat(byBucket.keyOf(Message.query(Topic.of("a.b"), Payload.empty()).build())).isNull();
    assertThat(byBucket.stickiness()).isEqualTo(new Stickiness.ByHash());
    assertThatThrownBy(() -> new Stickiness.Pinned(Duration.ofMinutes(1), 0))
        .hasMessageContaining("mostKeys is '0'");
  }

  private static Message write(String bucket, String key) {
    return Message.command(Topic.of("storage.write"), Payload.empty())
        .affinityKey(BlobKey.of(bucket, key).affinityKey())
        .build();
  }

  private static CandidateTable table(int size) {
    return new CandidateTable(
        size,
        IntStream.range(0, size)
            .mapToObj(i -> new Candidate(new NodeId("n%03d".formatted(i)), 1, "z", i == 0))
            .toList());
  }

  /** One after the other. */
  static final class RoundRobin extends LoadBalancingPluginBase {
    RoundRobin() {
      super(
          PluginManifest.of("round-robin", "Round robin", "1.0.0", "balancing"),
          BalancingAlgorithms.ROUND_ROBIN);
    }

    @Override
    public boolean followsKeys() {
      return false;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      AtomicInteger turn = new AtomicInteger();
      return new NodeSelector() {
        @Override
        public int select(NodeSignals signals) {
          return table.size() == 0
              ? NONE
              : usableFrom(signals, Math.floorMod(turn.getAndIncrement(), table.size()));
        }

        @Override
        public int select(NodeSignals signals, long keyHash) {
          return select(signals);
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          int next = usableFrom(signals, Math.floorMod(turn.get(), table.size()));
          return explanation(table, signals, next, "it is its turn");
        }
      };
    }
  }

  /** A ring with 128 points for each node. */
  static final class Ring extends LoadBalancingPluginBase {
    private static final int POINTS = 128;

    Ring() {
      super(PluginManifest.of("ring", "Ring", "1.0.0", "balancing"), "ring");
    }

    @Override
    public boolean followsKeys() {
      return true;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      Map<Long, Integer> owners = new HashMap<>();
      for (int number = 0; number < table.size(); number++) {
        for (int point = 0; point < POINTS; point++) {
          owners.put(KeyHash.mix(KeyHash.of(table.node(number) + "#" + point)), number);
        }
      }
      long[] places = owners.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
      int[] numbers = Arrays.stream(places).mapToInt(owners::get).toArray();
      return new NodeSelector() {
        @Override
        public int select(NodeSignals signals) {
          return select(signals, 0);
        }

        @Override
        public int select(NodeSignals signals, long keyHash) {
          int found = Arrays.binarySearch(places, KeyHash.mix(keyHash));
          int start = found >= 0 ? found : -found - 1;
          for (int step = 0; step < places.length; step++) {
            int number = numbers[(start + step) % places.length];
            if (signals.usable(number)) {
              return number;
            }
          }
          return NONE;
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          return explanation(
              table, signals, select(signals, keyHash), "the next usable one on the ring");
        }
      };
    }
  }

  /** Keeps a bucket's messages together. */
  private static final class ByBucket implements AffinityProvider {
    @Override
    public String affinityName() {
      return "bucket";
    }

    @Override
    public String keyOf(Message message) {
      return message.affinityKey().map(key -> key.substring(0, key.indexOf('/'))).orElse(null);
    }

    @Override
    public Stickiness stickiness() {
      return new Stickiness.ByHash();
    }
  }

  private static int usableFrom(NodeSignals signals, int start) {
    for (int step = 0; step < signals.size(); step++) {
      int number = (start + step) % signals.size();
      if (signals.usable(number)) {
        return number;
      }
    }
    return NodeSelector.NONE;
  }

  private static RouteExplanation explanation(
      CandidateTable table, NodeSignals signals, int chosen, String because) {
    List<CandidateScore> scores = new ArrayList<>();
    for (int number = 0; number < table.size(); number++) {
      boolean usable = signals.usable(number);
      scores.add(
          new CandidateScore(
              table.node(number), Double.NaN, !usable, usable ? "usable" : "not usable"));
    }
    Optional<NodeId> node =
        chosen == NodeSelector.NONE ? Optional.empty() : Optional.of(table.node(chosen));
    return new RouteExplanation(node, scores, because);
  }

  /** Signals that a test sets. */
  private static final class Signals implements NodeSignals {
    final boolean[] unusable;

    Signals(int size) {
      unusable = new boolean[size];
    }

    @Override
    public int size() {
      return unusable.length;
    }

    @Override
    public boolean usable(int number) {
      return !unusable[number];
    }

    @Override
    public int inFlight(int number) {
      return 0;
    }

    @Override
    public long latencyNanos(int number) {
      return -1;
    }

    @Override
    public double cpuPercent(int number) {
      return Double.NaN;
    }

    @Override
    public double memoryPercent(int number) {
      return Double.NaN;
    }

    @Override
    public double diskPercent(int number) {
      return Double.NaN;
    }

    @Override
    public double requestsPerSecond(int number) {
      return Double.NaN;
    }

    @Override
    public double warmth(int number) {
      return 1;
    }
  }
}
