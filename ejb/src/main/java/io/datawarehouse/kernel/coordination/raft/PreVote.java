package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who else knows no leader, as they answered a question that was asked a short while ago. Confined
 * to one thread at a time.
 *
 * <p>Only answers count, and as of when their question was asked. That others said at some time
 * that they have no leader is not enough: a node that stood still finds what they said meanwhile
 * when it goes on, after they have elected another.
 */
final class PreVote {

  private final SentSigns asked = new SentSigns();
  private final Map<NodeId, Long> agreed = new HashMap<>();
  private final long valid;

  /**
   * Begins with nobody.
   *
   * @param valid for how many nanoseconds an answer counts, from when its question was asked
   */
  PreVote(long valid) {
    this.valid = valid;
  }

  /** Returns the number of the question that is asked now. */
  long ask(long now) {
    return asked.send(now);
  }

  /** Takes the answer of a node that knows no leader. */
  void agree(NodeId node, long number) {
    asked
        .sentAt(number)
        .ifPresent(at -> agreed.merge(node, at, (one, other) -> one - other > 0 ? one : other));
  }

  /** Returns who knew no leader a short while ago. */
  Set<NodeId> agreeing(long now) {
    agreed.values().removeIf(at -> now - at > valid);
    return new HashSet<>(agreed.keySet());
  }

  /** A leader is known: whoever agreed before does so no more. */
  void end() {
    asked.forget();
    agreed.clear();
  }
}
