package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.bus.DeadLetterSink;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Durable events that a node keeps for others from when it was a member of a cluster, and that it
 * cannot bring to them while it is alone. Thread-safe.
 *
 * <p>They wait until it is a member again, but not for ever: after as long as a node that is gone
 * is waited for in a cluster they become dead letters, and the oldest ones do so earlier where the
 * outbox is full, so that they do not keep this node from publishing.
 */
final class StrayEvents {

  private static final int MOST_AT_A_TIME = 256;
  private static final long PACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final NodeId self;
  private final Outbox outbox;
  private final DeadLetterSink deadLetters;
  private final Executor workers;
  private final LongSupplier ticker;
  private final Duration giveUpAfter;
  private final Metrics.Counter givenUp;
  private final long since;

  // Used by the tick alone.
  private long lookedAt;

  /** Begins to count how long they wait. */
  StrayEvents(
      NodeId self,
      Outbox outbox,
      DeadLetterSink deadLetters,
      Executor workers,
      LongSupplier ticker,
      Duration giveUpAfter,
      Metrics metrics) {
    this.self = self;
    this.outbox = outbox;
    this.deadLetters = deadLetters;
    this.workers = workers;
    this.ticker = ticker;
    this.giveUpAfter = giveUpAfter;
    this.givenUp =
        metrics.counter(
            "bus.outbox.given.up", "Durable events given up because a node is gone", Map.of());
    this.since = ticker.getAsLong();
    this.lookedAt = since;
  }

  /** Gives up the oldest that wait for others alone; false where there is none. */
  boolean makeRoom() {
    return giveUp(
        targets -> !targets.isEmpty() && !targets.contains(self),
        "is not to be reached, and too many durable events wait");
  }

  /** Gives all up when their time is over; called by a tick. */
  void look() {
    long now = ticker.getAsLong();
    if (now - since >= giveUpAfter.toNanos()
        && now - lookedAt > PACE_NANOS
        && !outbox.oldest(this::strayed, 1).isEmpty()) {
      lookedAt = now;
      // The disk is not to be waited for on the thread that ticks.
      workers.execute(this::giveUpAll);
    }
  }

  private boolean strayed(Set<NodeId> targets) {
    return targets.stream().anyMatch(target -> !target.equals(self));
  }

  private void giveUpAll() {
    boolean more = true;
    while (more) {
      more = giveUp(this::strayed, "has not been reached for more than " + giveUpAfter);
    }
  }

  /** One at a time, so that no event becomes two dead letters of a node. */
  private synchronized boolean giveUp(Predicate<Set<NodeId>> kind, String why) {
    List<Outbox.Entry> oldest = outbox.oldest(kind, MOST_AT_A_TIME);
    for (Outbox.Entry entry : oldest) {
      for (NodeId target : entry.targets()) {
        if (!target.equals(self)) {
          givenUp.increment();
          deadLetters.keep(
              entry.event,
              Optional.of(EventCourier.subscriberOf(target)),
              new WarehouseException(StandardErrorCode.UNAVAILABLE, "node " + target + " " + why));
          outbox.taken(entry.number, target);
        }
      }
    }
    return !oldest.isEmpty();
  }
}
