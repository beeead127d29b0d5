package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Capacity;
import io.datawarehouse.kernel.coordination.Outcome;
import io.datawarehouse.kernel.coordination.Proposal;
import io.datawarehouse.kernel.coordination.RequestId;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** What this node has proposed and waits for. Thread-safe. */
final class OpenProposals {

  static final int MOST = 512;

  private final NodeId node;
  private final long run;
  private final Capacity capacity;

  // Guarded by this.
  private final NavigableMap<Long, Open> open = new TreeMap<>();
  private long last;

  /** One of them. */
  static final class Open {
    final RequestId id;
    final Optional<ClusterCommand> command;
    final long deadline;
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private volatile boolean sent;
    private volatile long sentAt;

    Open(RequestId id, Optional<ClusterCommand> command, long deadline) {
      this.id = id;
      this.command = command;
      this.deadline = deadline;
    }

    void sentAt(long now) {
      sentAt = now;
      sent = true;
    }

    boolean sent() {
      return sent;
    }

    long sentAt() {
      return sentAt;
    }
  }

  OpenProposals(NodeId node, long run, Capacity capacity) {
    this.node = node;
    this.run = run;
    this.capacity = capacity;
  }

  /** Opens one, or throws {@code BULKHEAD_FULL}. */
  synchronized Open open(Optional<ClusterCommand> command, long deadline) {
    if (open.size() >= MOST) {
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL,
          "this node waits for " + MOST + " proposals to be agreed on already");
    }
    last++;
    Open added = new Open(new RequestId(node, run, last), command, deadline);
    open.put(last, added);
    return added;
  }

  /** Returns what to send for it now. */
  synchronized Proposal proposal(Open proposal) {
    long sequence = proposal.id.sequence();
    long settled = open.isEmpty() ? sequence : Math.min(open.firstKey(), sequence);
    return new Proposal(proposal.id, settled, capacity, proposal.command);
  }

  /** Takes the one with that id out; empty if it is not open, or not this run's. */
  synchronized Optional<Open> take(RequestId id) {
    boolean own = id.node().equals(node) && id.run() == run;
    return own ? Optional.ofNullable(open.remove(id.sequence())) : Optional.empty();
  }

  /** Returns all, oldest first. */
  synchronized List<Open> all() {
    return new ArrayList<>(open.values());
  }

  synchronized int size() {
    return open.size();
  }
}
