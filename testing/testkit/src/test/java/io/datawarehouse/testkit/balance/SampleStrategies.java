package io.datawarehouse.testkit.balance;

import io.datawarehouse.sdk.balance.BalancingAlgorithms;
import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.balance.NodeSignals;
import io.datawarehouse.sdk.balance.ResourceScore;
import io.datawarehouse.sdk.balance.RouteExplanation;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Strategies as plugins write them: turns, turns by weight, a ring, the one with the most room. */
final class SampleStrategies {

  private SampleStrategies() {}

  static LoadBalancerStrategy turns() {
    return new Turns(BalancingAlgorithms.ROUND_ROBIN, number -> 1);
  }

  static LoadBalancerStrategy turnsByWeight() {
    return new Turns(BalancingAlgorithms.WEIGHTED_ROUND_ROBIN, null);
  }

  static LoadBalancerStrategy ring() {
    return new Ring();
  }

  static LoadBalancerStrategy mostRoom() {
    return new MostRoom();
  }

  /** One after the other, as often as its weight says. */
  private static final class Turns extends LoadBalancingPluginBase {

    private final IntToDoubleFunction weights;

    Turns(String name, IntToDoubleFunction weights) {
      super(PluginManifest.of("turns", "Turns", "1.0.0", "balancing"), name);
      this.weights = weights;
    }

    @Override
    public boolean followsKeys() {
      return false;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      IntToDoubleFunction shares =
          weights == null ? number -> table.candidates().get(number).weight() : weights;
      int[] order =
          IntStream.range(0, table.size())
              .flatMap(
                  number ->
                      IntStream.range(0, (int) Math.round(shares.applyAsDouble(number)))
                          .map(turn -> number))
              .toArray();
      AtomicInteger turn = new AtomicInteger();
      return new NodeSelector() {
        @Override
        public int select(NodeSignals signals) {
          return usableFrom(order, signals, turn.getAndIncrement());
        }

        @Override
        public int select(NodeSignals signals, long keyHash) {
          return select(signals);
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          return explanation(
              table,
              signals,
              usableFrom(order, signals, turn.get()),
              "it is its turn",
              number -> Double.NaN);
        }
      };
    }
  }

  private static int usableFrom(int[] order, NodeSignals signals, int turn) {
    for (int step = 0; step < order.length; step++) {
      int number = order[Math.floorMod(turn + step, order.length)];
      if (signals.usable(number)) {
        return number;
      }
    }
    return NodeSelector.NONE;
  }

  /** A ring with points for each node. */
  private static final class Ring extends LoadBalancingPluginBase {
    private static final int POINTS = 256;

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
          return usableFrom(numbers, signals, found >= 0 ? found : -found - 1);
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          return explanation(
              table,
              signals,
              select(signals, keyHash),
              "the next usable one on the ring",
              number -> Double.NaN);
        }
      };
    }
  }

  /** The lowest resource score; a tie goes to the first. */
  private static final class MostRoom extends LoadBalancingPluginBase {

    MostRoom() {
      super(PluginManifest.of("most-room", "Most room", "1.0.0", "balancing"), "most-room");
    }

    @Override
    public boolean followsKeys() {
      return false;
    }

    @Override
    public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
      return new NodeSelector() {
        @Override
        public int select(NodeSignals signals) {
          int best = NONE;
          double lowest = Double.POSITIVE_INFINITY;
          for (int number = 0; number < table.size(); number++) {
            double score = score(signals, number);
            if (signals.usable(number) && score < lowest) {
              best = number;
              lowest = score;
            }
          }
          return best;
        }

        @Override
        public int select(NodeSignals signals, long keyHash) {
          return select(signals);
        }

        @Override
        public RouteExplanation explain(NodeSignals signals, long keyHash) {
          return explanation(
              table,
              signals,
              select(signals),
              "it has the most room",
              number -> score(signals, number));
        }
      };
    }

    private static double score(NodeSignals signals, int number) {
      return ResourceScore.of(
          signals.cpuPercent(number),
          signals.memoryPercent(number),
          signals.diskPercent(number),
          signals.inFlight(number) / 100.0);
    }
  }

  private static RouteExplanation explanation(
      CandidateTable table,
      NodeSignals signals,
      int chosen,
      String because,
      IntToDoubleFunction scores) {
    List<CandidateScore> fared = new ArrayList<>();
    for (int number = 0; number < table.size(); number++) {
      boolean usable = signals.usable(number);
      fared.add(
          new CandidateScore(
              table.node(number),
              scores.applyAsDouble(number),
              !usable,
              usable ? "usable" : "not usable"));
    }
    Optional<NodeId> node =
        chosen == NodeSelector.NONE ? Optional.empty() : Optional.of(table.node(chosen));
    return new RouteExplanation(node, fared, because);
  }
}
