package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a plan was made without being asked for, or why none was. Immutable.
 *
 * @param verdict what was decided, in a word
 * @param because why, in words
 * @param since since when the same was decided again and again
 * @param next before when nothing else will be decided; empty where that may be at any time
 * @param figures what was looked at; empty where it did not come to that
 * @param plan the plan that was made, or that runs
 */
public record PlanDecision(
    Verdict verdict,
    String because,
    Instant since,
    Optional<Instant> next,
    Optional<Figures> figures,
    Optional<String> plan) {

  /** What was decided. */
  public enum Verdict {
    /** A plan was made and begun. */
    MADE,
    /** No node is far off its share. */
    BALANCED,
    /** Something is uneven, and nothing that may move would make it much better. */
    INDIVISIBLE,
    /** A plan runs already. */
    RUNNING,
    /** It is too early: after the last plan, after a start, or after another node led. */
    WAITING,
    /** Nodes are away, draining, dead with what they own, or have only just come. */
    UNSETTLED,
    /** So many nodes look dead at once that it may be this one that is cut off. */
    BRAKED,
    /** How much nodes hold is not known. */
    UNKNOWN,
    /** A plan was to be made, and could not be. */
    REFUSED,
    /** The mode is manual: a person decides. */
    MANUAL,
    /** Another node leads and decides, or none. */
    FOLLOWING,
    /** The node works alone. */
    ALONE
  }

  /**
   * What was looked at. Immutable.
   *
   * @param imbalance how far the node that is furthest off its share is off, as a part of its share
   * @param startsAt from which imbalance on something is done
   * @param totalBytes how much all nodes hold together
   * @param budgetBytes how much of that one plan may move
   * @param moves how many segments would move
   * @param movedBytes how much that is
   * @param nodes what each node holds
   */
  public record Figures(
      double imbalance,
      double startsAt,
      long totalBytes,
      long budgetBytes,
      int moves,
      long movedBytes,
      List<Holding> nodes) {
    /** Copies. */
    public Figures {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * What a node holds. Immutable.
   *
   * @param node which node
   * @param segments how many segments it owns
   * @param bytes how much is in these
   * @param shareBytes how much that would be by its weight
   */
  public record Holding(NodeId node, int segments, long bytes, long shareBytes) {}

  /** Checks that nothing is missing. */
  public PlanDecision {
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(because, "because");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(next, "next");
    Objects.requireNonNull(figures, "figures");
    Objects.requireNonNull(plan, "plan");
  }

  static PlanDecision of(Verdict verdict, String because, Instant now) {
    return new PlanDecision(
        verdict, because, now, Optional.empty(), Optional.empty(), Optional.empty());
  }

  PlanDecision until(Instant time) {
    return new PlanDecision(verdict, because, since, Optional.of(time), figures, plan);
  }

  PlanDecision with(Figures seen) {
    return new PlanDecision(verdict, because, since, next, Optional.of(seen), plan);
  }

  PlanDecision about(String id) {
    return new PlanDecision(verdict, because, since, next, figures, Optional.of(id));
  }

  PlanDecision since(Instant time) {
    return new PlanDecision(verdict, because, time, next, figures, plan);
  }
}
