package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes traces of what was recorded or given. Stateless. */
final class Traces {

  /** The mean time of a request where nothing is known of it. */
  static final double USUAL_MILLIS = 10;

  /** With fewer answers of a node it counts as one like the others. */
  private static final int LEAST_ANSWERS = 20;

  private static final double SLOWEST = 0.01;
  private static final double FASTEST = 100;
  private static final double NANOS = 1e6;

  private Traces() {}

  /** Returns how long an answer took on average; as usual where none was recorded. */
  static double meanMillis(List<Recorded> recorded) {
    double all = 0;
    double count = 0;
    for (Recorded one : recorded) {
      all += one.tookNanos() / NANOS * one.standsFor();
      count += one.standsFor();
    }
    return count == 0 ? USUAL_MILLIS : Math.max(all / count, 1 / NANOS);
  }

  /** Returns how fast each node answers, compared to the mean of all, as far as that is known. */
  static Map<NodeId, Double> speeds(List<Recorded> recorded) {
    Map<NodeId, List<Recorded>> byNode = new HashMap<>();
    recorded.forEach(one -> byNode.computeIfAbsent(one.node(), node -> new ArrayList<>()).add(one));
    double mean = meanMillis(recorded);
    Map<NodeId, Double> speeds = new HashMap<>();
    byNode.forEach(
        (node, answers) -> {
          if (answers.size() >= LEAST_ANSWERS) {
            double speed = mean / meanMillis(answers);
            speeds.put(node, Math.min(FASTEST, Math.max(SLOWEST, speed)));
          }
        });
    return speeds;
  }

  /** Returns the requests of a sample: each as often as it stands for, the latest that fit. */
  static List<TracedRequest> recorded(
      List<Recorded> sample, Map<NodeId, Double> speeds, double speed, SplittableRandom random) {
    int from = sample.size();
    long all = 0;
    while (from > 0 && all + sample.get(from - 1).standsFor() <= WhatIfQuestion.MOST_REQUESTS) {
      all += sample.get(--from).standsFor();
    }
    List<Recorded> latest = sample.subList(from, sample.size());
    long begin = latest.get(0).atNanos();
    double length = (latest.get(latest.size() - 1).atNanos() - begin) / NANOS;
    List<TracedRequest> requests = new ArrayList<>((int) all);
    for (Recorded one : latest) {
      double at = (one.atNanos() - begin) / NANOS;
      double work = one.tookNanos() / NANOS * speeds.getOrDefault(one.node(), 1.0);
      // Those that it stands for came around it: that many apart as requests are on average.
      double around = one.standsFor() == 1 ? 0 : length * one.standsFor() / all;
      for (int copy = 0; copy < one.standsFor(); copy++) {
        double when = Math.max(0, at + around * (random.nextDouble() - 0.5));
        requests.add(
            new TracedRequest(
                when / speed, 0, one.keyed(), one.keyHash(), Math.max(work, 1e-3), one.bytes()));
      }
    }
    requests.sort(Comparator.comparingDouble(TracedRequest::atMillis));
    return requests;
  }

  /** Returns the requests of a given trace; where nobody says, how long one takes is chance. */
  static List<TracedRequest> given(
      List<WhatIfQuestion.Given> trace, double meanMillis, double speed, SplittableRandom random) {
    List<TracedRequest> requests = new ArrayList<>(trace.size());
    for (WhatIfQuestion.Given one : trace) {
      double drawn = -meanMillis * Math.log(1 - random.nextDouble());
      requests.add(
          new TracedRequest(
              one.atMillis() / speed,
              0,
              one.keyHash().isPresent(),
              one.keyHash().orElse(0L),
              one.serviceMillis().orElse(Math.max(drawn, 1e-3)),
              one.bytes()));
    }
    requests.sort(Comparator.comparingDouble(TracedRequest::atMillis));
    return requests;
  }
}
