package io.datawarehouse.kernel.trust;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * Remembers which proofs were used, for as long as they could be used again, and the latest run of
 * each node. Thread-safe; its lock is held for a moment.
 *
 * <p>Only proofs that a token stands behind are shown to it: a stranger fills nothing. Room is
 * bounded all the same. When it is full a new proof is refused and none is forgotten, for a
 * forgotten one could be used again; room comes back as proofs grow too old. What has been dropped
 * as too old stays refused even if the clock goes back. Of nodes, the one that was silent longest
 * is forgotten, once its last proof is too old.
 */
final class UsedProofs {

  /** One proof. */
  record Use(long time, long nonceHigh, long nonceLow) {}

  /** The latest run of a node, and when it last showed a proof. */
  private record Run(long incarnation, long time) {}

  private record Nonce(long high, long low) {}

  private final long toleranceMillis;
  private final int mostProofs;
  private final int mostNodes;
  // Guarded by this, as all below.
  private final Set<Nonce> nonces = new HashSet<>();
  private final Queue<Use> byAge = new PriorityQueue<>(Comparator.comparingLong(Use::time));
  private final Map<NodeId, Run> runs = new LinkedHashMap<>(16, 0.75f, true);
  private long forgottenUpTo = Long.MIN_VALUE;

  UsedProofs(long toleranceMillis, int mostProofs, int mostNodes) {
    this.toleranceMillis = toleranceMillis;
    this.mostProofs = mostProofs;
    this.mostNodes = mostNodes;
  }

  /** Takes a proof for used, or says why it may not be. */
  synchronized Optional<Refusal> use(NodeId node, long incarnation, Use use, long now) {
    forget(now);
    if (use.time() <= forgottenUpTo) {
      return Optional.of(Refusal.EXPIRED);
    }
    Nonce nonce = new Nonce(use.nonceHigh(), use.nonceLow());
    if (nonces.contains(nonce)) {
      return Optional.of(Refusal.REPLAYED);
    }
    Run run = runs.get(node);
    if (run != null && incarnation < run.incarnation()) {
      return Optional.of(Refusal.OLD_INCARNATION);
    }
    if (nonces.size() >= mostProofs || (run == null && !hasRoomForNode(now))) {
      return Optional.of(Refusal.OVERRUN);
    }
    nonces.add(nonce);
    byAge.add(use);
    runs.put(node, new Run(incarnation, now));
    return Optional.empty();
  }

  private void forget(long now) {
    Use oldest = byAge.peek();
    while (oldest != null && oldest.time() < now - toleranceMillis) {
      byAge.remove();
      nonces.remove(new Nonce(oldest.nonceHigh(), oldest.nonceLow()));
      forgottenUpTo = Math.max(forgottenUpTo, oldest.time());
      oldest = byAge.peek();
    }
  }

  private boolean hasRoomForNode(long now) {
    if (runs.size() < mostNodes) {
      return true;
    }
    Iterator<Run> silentFirst = runs.values().iterator();
    boolean gone = silentFirst.next().time() < now - 2 * toleranceMillis;
    if (gone) {
      silentFirst.remove();
    }
    return gone;
  }
}
