package io.datawarehouse.sdk.balance;

/**
 * A strategy made ready for one table of candidates: the hot path. Thread-safe; called for every
 * message that is routed, from many threads at once.
 *
 * <p>An implementation MUST: (1) return a number of its table whose candidate is {@linkplain
 * NodeSignals#usable usable}, or {@link #NONE} exactly if there is no such; (2) neither block,
 * lock, allocate nor ask the network; for 100 candidates it has 200 ns; (3) survive signals that
 * change while it looks at them; (4) choose the same candidate for the same hash, on all nodes,
 * where its strategy says that it follows keys.
 *
 * @since 0.1
 */
public interface NodeSelector {

  /** What is returned instead of a number when no candidate is usable. */
  int NONE = -1;

  /** Chooses for a message without an affinity key. */
  int select(NodeSignals signals);

  /**
   * Chooses for a message with an affinity key.
   *
   * @param keyHash the key's {@link io.datawarehouse.sdk.cluster.KeyHash}
   */
  int select(NodeSignals signals, long keyHash);

  /**
   * Tells what {@link #select(NodeSignals, long)} would choose and why, without changing anything:
   * no turn is taken, no random number drawn that another would have got. Not on the hot path; may
   * allocate.
   */
  RouteExplanation explain(NodeSignals signals, long keyHash);
}
