package io.datawarehouse.kernel.whatif;

import io.datawarehouse.kernel.whatif.LoadRecorder.Recorded;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** A request of a sample, and the number of who sent it. */
  private record Sent(int sender, Recorded request) {}

  /**
   * Returns the requests of samples on one time line: each as often as it stands for, the latest
   * that fit.
   *
   * @param samples one for each sender, not all of them empty
   * @param owners who owns each segment
   */
  static List<TracedRequest> recorded(
      List<List<Recorded>> samples,
      List<NodeId> owners,
      Map<NodeId, Double> speeds,
      double speed,
      SplittableRandom random) {
    List<Sent> latest = latest(samples);
    long begin = latest.get(0).request.atNanos();
    double length = (latest.get(latest.size() - 1).request.atNanos() - begin) / NANOS;
    long[] sent = new long[samples.size()];
    latest.forEach(one -> sent[one.sender] += one.request.standsFor());
    List<TracedRequest> requests = new ArrayList<>();
    for (Sent each : latest) {
      Recorded one = each.request;
      double at = (one.atNanos() - begin) / NANOS;
      double work = one.tookNanos() / NANOS * speeds.getOrDefault(one.node(), 1.0);
      // Those that it stands for came around it: that many apart as its sender's are on average.
      double around = one.standsFor() == 1 ? 0 : length * one.standsFor() / sent[each.sender];
      for (int copy = 0; copy < one.standsFor(); copy++) {
        double when = Math.max(0, at + around * (random.nextDouble() - 0.5));
        requests.add(
            new TracedRequest(
                when / speed,
                each.sender,
                one.keyed(),
                one.keyHash(),
                Math.max(work, 1e-3),
                one.bytes(),
                home(one, owners)));
      }
    }
    requests.sort(Comparator.comparingDouble(TracedRequest::atMillis));
    return requests;
  }

  /** What a sharding put elsewhere stays there, whatever becomes of the cluster's segments. */
  private static Optional<NodeId> home(Recorded one, List<NodeId> owners) {
    boolean elsewhere =
        one.keyed()
            && !owners.isEmpty()
            && !owners.get(KeyHash.segment(one.keyHash(), owners.size())).equals(one.node());
    return elsewhere ? Optional.of(one.node()) : Optional.empty();
  }

  /** Merges samples by their times, and keeps those at the end that are not too many. */
  private static List<Sent> latest(List<List<Recorded>> samples) {
    List<Sent> merged = new ArrayList<>();
    for (int sender = 0; sender < samples.size(); sender++) {
      for (Recorded one : samples.get(sender)) {
        int standsFor = Math.min(one.standsFor(), WhatIfQuestion.MOST_REQUESTS);
        merged.add(new Sent(sender, one.standingFor(standsFor)));
      }
    }
    merged.sort(Comparator.comparingLong(one -> one.request.atNanos()));
    int from = merged.size();
    long all = 0;
    while (from > 0
        && all + merged.get(from - 1).request.standsFor() <= WhatIfQuestion.MOST_REQUESTS) {
      all += merged.get(--from).request.standsFor();
    }
    return merged.subList(from, merged.size());
  }

  /** Returns the requests of a given trace; where nobody says, how long one takes is chance. */
  static List<TracedRequest> given(
      List<WhatIfQuestion.Given> trace, double meanMillis, double speed, SplittableRandom random) {
    List<TracedRequest> requests = new ArrayList<>(trace.size());
    // A trace may begin at any time; nothing happens before its first request.
    double begin = trace.stream().mapToDouble(WhatIfQuestion.Given::atMillis).min().orElse(0);
    for (WhatIfQuestion.Given one : trace) {
      double drawn = -meanMillis * Math.log(1 - random.nextDouble());
      requests.add(
          new TracedRequest(
              (one.atMillis() - begin) / speed,
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
