package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelStorage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events of one node to the subscribers of this one, one after the other. What was taken
 * of durable ones is on disk before it is acknowledged; what comes again is left out. Thread-safe.
 */
final class ArrivingEvents {

  /**
   * What the arrivals of all nodes share.
   *
   * @param local the bus of this node
   * @param storage keeps which were taken
   * @param workers delivers; must take all tasks
   * @param timer tries again
   */
  record Surroundings(
      LocalMessageBus local,
      KernelStorage storage,
      Executor workers,
      ScheduledExecutorService timer) {}

  private static final int MOST_QUEUED = 16_384;
  private static final long PAUSE_MILLIS = 250;

  private final Surroundings surroundings;
  private final NodeId from;
  private final Consumer<List<Long>> acknowledging;
  private final Runnable repeating;
  private final SerialQueue queue;

  // Used by tasks of the queue alone.
  private @Nullable SeenEvents seen;
  private final Set<Long> inProgress = new HashSet<>();

  // Guarded by this.
  private List<Long> done = new ArrayList<>();

  /**
   * Makes one for a sender.
   *
   * @param acknowledging hears the numbers of events that were taken, which is on disk then
   * @param repeating hears of each that came again
   */
  ArrivingEvents(
      Surroundings surroundings,
      NodeId from,
      Consumer<List<Long>> acknowledging,
      Runnable repeating) {
    this.surroundings = surroundings;
    this.from = from;
    this.acknowledging = acknowledging;
    this.repeating = repeating;
    this.queue = new SerialQueue(surroundings.workers, MOST_QUEUED);
  }

  /** Takes an event that comes once at most; returns whether there was room. */
  boolean take(PeerFrame.Event frame) {
    return queue.offer(
        () -> {
          var unused = surroundings.local.deliver(frame.event());
        });
  }

  /** Takes a durable event; returns whether there was room. */
  boolean take(PeerFrame.DurableEvent frame) {
    return queue.offer(() -> deliver(frame));
  }

  private void deliver(PeerFrame.DurableEvent frame) {
    SeenEvents known = seen == null ? new SeenEvents(surroundings.storage, from) : seen;
    seen = known;
    known.raise(frame.floor());
    if (inProgress.contains(frame.number())) {
      repeating.run();
    } else if (known.has(frame.number())) {
      repeating.run();
      acknowledging.accept(List.of(frame.number()));
    } else {
      inProgress.add(frame.number());
      surroundings
          .local
          .deliver(frame.event())
          .whenComplete((nothing, thrown) -> ended(frame.number(), thrown == null));
    }
  }

  /** An event has been taken by its subscribers, or could not be delivered at all. */
  private void ended(long number, boolean taken) {
    boolean first;
    synchronized (this) {
      first = done.isEmpty();
      done.add(taken ? number : -number);
    }
    if (first && !queue.offer(this::settle)) {
      // The queue is full of events that will be settled with the next.
      surroundings.workers.execute(this::retrySettle);
    }
  }

  private void retrySettle() {
    if (!queue.offer(this::settle)) {
      var unused =
          surroundings.timer.schedule(this::retrySettle, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Puts on disk what was taken meanwhile, all at once, and acknowledges it. */
  private void settle() {
    List<Long> ended;
    synchronized (this) {
      ended = done;
      done = new ArrayList<>();
    }
    List<Long> taken = ended.stream().filter(number -> number > 0).toList();
    ended.forEach(number -> inProgress.remove(Math.abs(number)));
    SeenEvents known = seen;
    if (!taken.isEmpty() && known != null) {
      known.add(taken);
      acknowledging.accept(taken);
    }
  }
}
