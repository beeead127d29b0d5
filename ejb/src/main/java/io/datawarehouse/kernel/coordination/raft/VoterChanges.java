package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Who should have a vote and who should not, and the changes that bring that about, one at a time.
 * Every node remembers every wish until it is fulfilled; only a leader acts. Confined to the
 * ticker.
 */
final class VoterChanges {

  private static final System.Logger LOG = System.getLogger(VoterChanges.class.getName());

  private final NodeId self;
  private final GroupChannel channel;
  private final Executor ticker;
  private final Map<NodeId, Boolean> wanted;
  private boolean changing;

  /**
   * Makes them for a channel.
   *
   * @param wanted whether a node should have a vote; others add to it, from any thread
   */
  VoterChanges(NodeId self, GroupChannel channel, Map<NodeId, Boolean> wanted, Executor ticker) {
    this.self = self;
    this.channel = channel;
    this.wanted = wanted;
    this.ticker = ticker;
  }

  /** Forgets the wishes that are fulfilled. */
  void forgetFulfilled() {
    GuardedRaft raft = channel.raft();
    if (!raft.changing()) {
      wanted
          .entrySet()
          .removeIf(wish -> raft.members().contains(wish.getKey().value()) == wish.getValue());
    }
  }

  /**
   * Begins the next change, if there is one; called on a leader whose lead is agreed on.
   *
   * @return whether this node should hand over, because it is to lose its vote
   */
  boolean next() {
    GuardedRaft raft = channel.raft();
    if (changing || raft.changing()) {
      return false;
    }
    Optional<Map.Entry<NodeId, Boolean>> next =
        Map.copyOf(wanted).entrySet().stream()
            .filter(wish -> possible(raft, wish.getKey(), wish.getValue()))
            .findFirst();
    if (next.isEmpty()) {
      return false;
    }
    NodeId node = next.get().getKey();
    if (node.equals(self)) {
      return true;
    }
    change(raft, node, next.get().getValue());
    return false;
  }

  private boolean possible(GuardedRaft raft, NodeId node, boolean vote) {
    boolean votes = raft.members().contains(node.value());
    if (vote) {
      // In touch, and with all that is agreed on: its vote must not cost the majority.
      return !votes && channel.find(node).filter(raft::caughtUp).isPresent();
    }
    return votes && raft.members().size() > 1;
  }

  private void change(GuardedRaft raft, NodeId node, boolean add) {
    changing = true;
    LOG.log(
        System.Logger.Level.INFO,
        add ? "node {0} is to have a vote" : "node {0} is to have no vote any more",
        node);
    CompletableFuture<byte[]> done;
    try {
      done = add ? raft.addServer(node.value()) : raft.removeServer(node.value());
    } catch (Exception e) {
      // It ceased to lead; whoever leads has the same wish.
      done = CompletableFuture.failedFuture(e);
    }
    var unused = done.whenCompleteAsync((nothing, error) -> changing = false, ticker);
  }
}
