package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Brings durable events of this node to its own subscribers, out of the outbox and in the way in
 * which events of others come, so that a crash neither loses one nor repeats what all of them have
 * taken. What some have taken and others have not comes again to all after a crash. Thread-safe.
 */
final class OwnEvents {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final NodeId self;
  private final Outbox outbox;
  private final LongSupplier ticker;
  private final ArrivingEvents arrivals;

  /** Whether the subscribers of this node are there. */
  private volatile boolean resumed;

  // Used by the tick alone.
  private long lookedAt;

  OwnEvents(
      ArrivingEvents.Surroundings surroundings, NodeId self, Outbox outbox, LongSupplier ticker) {
    this.self = self;
    this.outbox = outbox;
    this.ticker = ticker;
    this.lookedAt = ticker.getAsLong();
    this.arrivals =
        new ArrivingEvents(
            surroundings,
            self,
            numbers -> numbers.forEach(number -> outbox.taken(number, self)),
            () -> {});
  }

  /** Returns whether the subscribers of this node are there, so that it is known what they hear. */
  boolean resumed() {
    return resumed;
  }

  /** Delivers what waits, of an earlier run too; called when the subscribers are there. */
  void resume() {
    resumed = true;
    outbox.waitingFor(self).forEach(this::deliver);
  }

  /** Delivers an event that is in the outbox; before the subscribers are there it waits in it. */
  void deliver(Outbox.Entry entry) {
    if (resumed) {
      // Where the queue is full it comes again, with all that waits.
      boolean unused =
          arrivals.take(
              new PeerFrame.DurableEvent(entry.number, outbox.floorFor(self), entry.event));
    }
  }

  /** Delivers again, now and then, what the queue or the bus did not take; called by a tick. */
  void look() {
    long now = ticker.getAsLong();
    if (resumed && outbox.size() > 0 && now - lookedAt > PATIENCE_NANOS) {
      lookedAt = now;
      outbox.waitingFor(self).forEach(this::deliver);
    }
  }
}
