package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Outcome;
import io.datawarehouse.kernel.coordination.Proposal;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import io.datawarehouse.kernel.coordination.RequestId;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jspecify.annotations.Nullable;

/**
 * What this node proposes, and what reaches it as leader from others. A proposal goes to whoever
 * leads, again and again until its outcome is known here or its limit has passed; the state machine
 * applies it once. Thread-safe.
 */
final class Proposals {

  private final OpenProposals open;
  private final Supplier<@Nullable GroupChannel> channel;
  private final CoordinatorThreads threads;
  private final CoordinatorMeter meter;
  private final BooleanSupplier available;
  private final LongSupplier nanoTime;

  /** What is on its way into the log of this leader. */
  private final Set<RequestId> inLog = ConcurrentHashMap.newKeySet();

  /**
   * Makes them.
   *
   * @param channel the channel that is connected; null as long as there is none
   * @param available whether a leader that reaches a majority is in touch
   */
  Proposals(
      OpenProposals open,
      Supplier<@Nullable GroupChannel> channel,
      CoordinatorThreads threads,
      CoordinatorMeter meter,
      BooleanSupplier available,
      LongSupplier nanoTime) {
    this.open = open;
    this.channel = channel;
    this.threads = threads;
    this.meter = meter;
    this.available = available;
    this.nanoTime = nanoTime;
  }

  /**
   * Proposes a command, or a mark where there is none.
   *
   * @throws WarehouseException {@code BULKHEAD_FULL} where too many are open
   */
  OpenProposals.Open submit(Optional<ClusterCommand> command, long limitNanos) {
    long began = now();
    OpenProposals.Open proposal = open.open(command, began + limitNanos);
    var unused =
        proposal.outcome.whenComplete((made, error) -> meter.proposed(made, now() - began));
    return proposal;
  }

  /** Has the sender send it; returns false once that has stopped. */
  boolean begin(OpenProposals.Open proposal) {
    return threads.onSender(() -> send(proposal));
  }

  /**
   * Sends a proposal to whoever leads, if anybody does; called on the sender alone. To a leader
   * that is out of touch nothing is sent: the channel would bring it when the two meet again, long
   * after the proposer was told that it cannot be.
   */
  private void send(OpenProposals.Open proposal) {
    GroupChannel present = channel.get();
    Address leader = present == null ? null : present.raft().leader();
    if (present == null
        || leader == null
        || proposal.outcome.isDone()
        || !present.isSelf(leader) && !available.getAsBoolean()) {
      return;
    }
    proposal.sentAt(now());
    Proposal sent = open.proposal(proposal);
    if (present.isSelf(leader)) {
      append(present.raft(), sent);
    } else {
      present.courier().send(leader, new CoordinatorWord.Proposed(sent).toBytes());
    }
  }

  /** Puts a proposal into the log of this leader, unless it is on its way already. */
  void append(GuardedRaft raft, Proposal proposal) {
    if (!raft.isLeader() || !inLog.add(proposal.id())) {
      return;
    }
    byte[] bytes = ProposalFormat.write(proposal);
    try {
      var unused =
          raft.setAsync(bytes, 0, bytes.length, null)
              .whenComplete((nothing, error) -> inLog.remove(proposal.id()));
    } catch (RuntimeException e) {
      // It ceased to lead; whoever proposed sends it again.
      inLog.remove(proposal.id());
    }
  }

  /** Forgets what was on its way into a log that this node has no more part in. */
  void forgetLog() {
    inLog.clear();
  }

  /** Sends again what has had no answer for so long. */
  void sendAgain(long ageNanos) {
    for (OpenProposals.Open proposal : open.all()) {
      if (!proposal.sent() || now() - proposal.sentAt() >= ageNanos) {
        boolean unused = begin(proposal);
      }
    }
  }

  /** Ends those whose limit has passed, each with an error that fits it. */
  void expire(Function<OpenProposals.Open, WarehouseException> error) {
    for (OpenProposals.Open proposal : open.all()) {
      if (now() - proposal.deadline > 0) {
        end(proposal.id, error.apply(proposal));
      }
    }
  }

  /** Ends all with an error. */
  void abandon(WarehouseException error) {
    open.all().forEach(proposal -> end(proposal.id, error));
  }

  /** Answers what was applied elsewhere while this node got a snapshot. */
  void answerFrom(RegistryStateMachine machine) {
    for (OpenProposals.Open proposal : open.all()) {
      machine.answer(proposal.id, proposal.command).ifPresent(outcome -> end(proposal.id, outcome));
    }
  }

  /** Tells whoever proposed it, if that was this run of this node, what was made of it. */
  void end(RequestId id, Outcome outcome) {
    open.take(id).ifPresent(taken -> threads.tell(() -> taken.outcome.complete(outcome)));
  }

  /** Tells whoever proposed it that it is not known, or will not be. */
  void end(RequestId id, WarehouseException error) {
    open.take(id)
        .ifPresent(taken -> threads.tell(() -> taken.outcome.completeExceptionally(error)));
  }

  private long now() {
    return nanoTime.getAsLong();
  }
}
