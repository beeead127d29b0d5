package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.whatif.WhatIfAnswer.Imbalance;
import io.datawarehouse.kernel.whatif.WhatIfAnswer.Latency;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Figures of what a simulation gave. Stateless. */
final class Figures {

  private static final double DIGITS = 1e4;

  private Figures() {}

  static WhatIfAnswer.Outcome of(Scene scene, LoadSimulation.Outcome outcome) {
    double weights = scene.nodes().stream().mapToDouble(Scene.Node::weight).sum();
    List<WhatIfAnswer.Node> nodes = new ArrayList<>();
    double[] loads = new double[scene.nodes().size()];
    double[][] times = times(outcome, loads.length);
    for (int number = 0; number < loads.length; number++) {
      Scene.Node node = scene.nodes().get(number);
      double[] millis = times[number];
      double share = (double) millis.length / outcome.nodes().length;
      double ideal = node.weight() / weights;
      loads[number] = share / ideal;
      nodes.add(
          new WhatIfAnswer.Node(
              node.id().value(),
              node.weight(),
              millis.length,
              rounded(share),
              rounded(ideal),
              latency(millis),
              rounded(outcome.busyMillis()[number] / outcome.lengthMillis())));
    }
    return new WhatIfAnswer.Outcome(
        scene.chooser().strategy().strategyName(),
        scene.chooser().settings().config().tier().id(),
        scene.chooser().settings().preferLocal(),
        latency(outcome.millis().clone()),
        imbalance(loads),
        nodes);
  }

  /** The times of each node's requests. */
  private static double[][] times(LoadSimulation.Outcome outcome, int nodes) {
    int[] counts = new int[nodes];
    for (int node : outcome.nodes()) {
      counts[node]++;
    }
    double[][] times = new double[nodes][];
    Arrays.setAll(times, node -> new double[counts[node]]);
    for (int request = 0; request < outcome.nodes().length; request++) {
      int node = outcome.nodes()[request];
      times[node][--counts[node]] = outcome.millis()[request];
    }
    return times;
  }

  private static Latency latency(double[] millis) {
    if (millis.length == 0) {
      return new Latency(0, 0, 0, 0, 0);
    }
    Arrays.sort(millis);
    return new Latency(
        rounded(Arrays.stream(millis).sum() / millis.length),
        at(millis, 0.5),
        at(millis, 0.95),
        at(millis, 0.99),
        rounded(millis[millis.length - 1]));
  }

  /** The nearest rank: the least time that so many of all do not exceed. */
  private static double at(double[] sorted, double part) {
    return rounded(sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)]);
  }

  /** The loads are compared to what they should be, so that their mean by weight is 1. */
  private static Imbalance imbalance(double[] loads) {
    double mean = Arrays.stream(loads).sum() / loads.length;
    double most = Arrays.stream(loads).max().orElse(0);
    double variance =
        Arrays.stream(loads).map(load -> (load - mean) * (load - mean)).sum() / loads.length;
    return new Imbalance(rounded(most / mean), rounded(Math.sqrt(variance) / mean));
  }

  static double rounded(double value) {
    return Math.round(value * DIGITS) / DIGITS;
  }
}
