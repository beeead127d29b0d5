package io.datawarehouse.kernel.cluster;

import io.datawarehouse.kernel.affinity.AffinityAnswer;
import io.datawarehouse.sdk.balance.RouteExplanation.CandidateScore;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a message would go and why. Immutable.
 *
 * @param topic its topic
 * @param key its affinity key, where it has one
 * @param segment the key's segment
 * @param strategy what chose, by name
 * @param chosen the node; empty where there is none
 * @param candidates all that were considered
 * @param because what decided, in words
 * @param sharding what divided the keys of the blob's bucket, where the message is about a blob
 * @param affinity what the provider made of it that the topic's rule names; empty without a rule
 */
public record RouteAnswer(
    Topic topic,
    Optional<String> key,
    OptionalInt segment,
    String strategy,
    Optional<NodeId> chosen,
    List<CandidateScore> candidates,
    String because,
    Optional<Division> sharding,
    Optional<AffinityAnswer> affinity) {

  /**
   * What divided the keys of a bucket.
   *
   * @param scheme the strategy by name
   * @param shard the shard that the key belongs to
   * @param rule why, in words
   */
  public record Division(String scheme, String shard, String rule) {}

  /** Copies. */
  public RouteAnswer {
    candidates = List.copyOf(candidates);
  }

  /** Makes an answer for a topic without a rule of affinity, about no bucket's key. */
  public RouteAnswer(
      Topic topic,
      Optional<String> key,
      OptionalInt segment,
      String strategy,
      Optional<NodeId> chosen,
      List<CandidateScore> candidates,
      String because) {
    this(
        topic,
        key,
        segment,
        strategy,
        chosen,
        candidates,
        because,
        Optional.empty(),
        Optional.empty());
  }

  /** Returns the same with what divided the keys of the bucket. */
  public RouteAnswer divided(Optional<Division> division) {
    return new RouteAnswer(
        topic, key, segment, strategy, chosen, candidates, because, division, affinity);
  }

  /** Returns the same with what a provider made of the message. */
  public RouteAnswer with(Optional<AffinityAnswer> found) {
    return new RouteAnswer(
        topic, key, segment, strategy, chosen, candidates, because, sharding, found);
  }

  /** Returns the same for a message that has no key of its own. */
  public RouteAnswer withoutKey() {
    return new RouteAnswer(
        topic,
        Optional.empty(),
        segment,
        strategy,
        chosen,
        candidates,
        because,
        sharding,
        affinity);
  }

  /** Returns the same with another choice. */
  public RouteAnswer decided(Optional<NodeId> node, String why) {
    return new RouteAnswer(
        topic, key, segment, strategy, node, candidates, why, sharding, affinity);
  }
}
