package io.datawarehouse.kernel.whatif;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What would be, beside what is, on the same trace. Immutable.
 *
 * @param trace what was replayed
 * @param recordings what each node recorded; none for a given trace
 * @param missing the nodes that were asked for what they recorded and did not answer
 * @param inForce what came of it with the settings in force and the nodes as they are
 * @param simulated what came of it with what was asked for
 * @param movement what would be elsewhere
 * @param seed where chance came from; the same again gives the same answer for a given trace
 * @param speed how many times as fast the trace was replayed
 * @param concurrency on how many requests a node worked at a time
 * @param keys {@code owner} or {@code strategy}: who decided where requests with a key go
 * @param notes what the figures leave out, in words
 */
public record WhatIfAnswer(
    Trace trace,
    List<Recording> recordings,
    List<String> missing,
    Outcome inForce,
    Outcome simulated,
    Movement movement,
    long seed,
    double speed,
    int concurrency,
    String keys,
    List<String> notes) {

  /**
   * What was replayed. Immutable.
   *
   * @param source where the requests come from: the memory of nodes, or the question
   * @param recordedBy the nodes whose requests these are; none for a given trace
   * @param requests how many were replayed
   * @param samples of how many recorded ones they were made
   * @param keyed how many of them have a key
   * @param seconds how long it is, replayed
   * @param requestsPerSecond how many came in a second, replayed
   */
  public record Trace(
      String source,
      List<String> recordedBy,
      int requests,
      int samples,
      int keyed,
      double seconds,
      double requestsPerSecond) {}

  /**
   * What a node recorded of what it sent. Immutable.
   *
   * @param node who recorded it
   * @param enabled whether the node records at all
   * @param requests how many requests it stands for
   * @param samples how many were told
   * @param from when the first one was sent, by the clock of the node that answers; empty where
   *     there is none
   * @param to when the last one was sent
   * @param withinMillis how far its time line may be off against the others
   */
  public record Recording(
      String node,
      boolean enabled,
      long requests,
      int samples,
      Optional<Instant> from,
      Optional<Instant> to,
      double withinMillis) {}

  /**
   * What came of one way to choose. Immutable.
   *
   * @param algorithm the strategy that chose
   * @param tier the tier
   * @param preferLocal whether requests without a key stayed where they were sent
   * @param latencyMillis of all requests
   * @param imbalance how uneven the nodes were loaded, compared to their weights
   * @param nodes each node
   */
  public record Outcome(
      String algorithm,
      String tier,
      boolean preferLocal,
      Latency latencyMillis,
      Imbalance imbalance,
      List<Node> nodes) {}

  /** Times in milliseconds. Immutable. */
  public record Latency(double mean, double p50, double p95, double p99, double max) {}

  /**
   * How uneven nodes were loaded, where 1 is what a node should have by its weight. Immutable.
   *
   * @param maxOverMean what the node with the most had
   * @param deviationOverMean the standard deviation
   */
  public record Imbalance(double maxOverMean, double deviationOverMean) {}

  /**
   * A node. Immutable.
   *
   * @param id its identity
   * @param weight its weight
   * @param requests how many it got
   * @param share its part of all requests, 0 to 1
   * @param idealShare what that would be by its weight
   * @param latencyMillis of its requests
   * @param utilisation how much of its time it worked, 0 to 1
   */
  public record Node(
      String id,
      double weight,
      int requests,
      double share,
      double idealShare,
      Latency latencyMillis,
      double utilisation) {}

  /**
   * What would be elsewhere. Immutable.
   *
   * @param keys how many keys the trace has
   * @param movedKeys how many of them would go to another node than now
   * @param movedKeysShare the same as a part of all, 0 to 1
   * @param movedRequestsShare the part of all requests with a key that they are in, 0 to 1
   * @param movedRequestBytes what travels with these requests
   * @param segments how many segments there are
   * @param movedSegments how many of them would have another owner
   */
  public record Movement(
      int keys,
      int movedKeys,
      double movedKeysShare,
      double movedRequestsShare,
      long movedRequestBytes,
      int segments,
      int movedSegments) {}

  /** Copies. */
  public WhatIfAnswer {
    recordings = List.copyOf(recordings);
    missing = List.copyOf(missing);
    notes = List.copyOf(notes);
  }
}
