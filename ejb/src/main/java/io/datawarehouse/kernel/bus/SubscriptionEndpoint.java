package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.SubscriberOptions.Overflow;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One subscription on the bus: queues events, runs the subscriber, keeps what fails. */
final class SubscriptionEndpoint {

  /** What all subscriptions of a bus share. */
  record Surroundings(
      DeadLetterSink deadLetters, WorkerThreads workers, Clock clock, QueueBudget queueBudget) {}

  private enum State {
    OPEN,
    /** The subscriber has gone: later events are not for it. */
    GONE,
    /** The bus has stopped: later events are kept for its next start. */
    STOPPED
  }

  private static final int MOST_IN_A_ROW = 64;

  final TopicPattern pattern;
  final String owner;
  final Traffic traffic;

  private final SubscriberOptions options;
  private final EventSubscriber subscriber;
  private final Surroundings bus;
  private final DeliveryLane lane;
  private volatile State state = State.OPEN;

  SubscriptionEndpoint(
      TopicPattern pattern,
      String owner,
      SubscriberOptions options,
      EventSubscriber subscriber,
      Traffic traffic,
      Surroundings bus) {
    this.pattern = pattern;
    this.owner = owner;
    this.options = options;
    this.subscriber = subscriber;
    this.traffic = traffic;
    this.bus = bus;
    this.lane = new DeliveryLane(options.concurrency(), options.queueCapacity(), bus.queueBudget);
  }

  /** Returns the name by which a dead letter finds its subscription again. */
  String name() {
    return owner + ":" + pattern;
  }

  /** Takes an event; what the queue does not hold goes where the options say. */
  void offer(Message event) {
    take(new Arrival(event, null, null));
  }

  /** Takes an event like {@link #offer(Message)}, and tells the delivery how that ends. */
  void offer(Message event, EventDelivery delivery) {
    take(new Arrival(event, null, delivery));
  }

  /** Takes an event again; the future says how that went, and nothing becomes a dead letter. */
  CompletableFuture<Void> redeliver(Message event) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    take(new Arrival(event, result, null));
    return result;
  }

  private void take(Arrival arrival) {
    // Counted before the state is read, so that whoever ends it and waits sees it or has told it.
    traffic.begin();
    switch (state) {
      case GONE -> arrival.miss(BusErrors.noSubscriber(name()));
      case STOPPED -> {
        if (!arrival.leave(BusErrors.stopping())) {
          arrival.refuse(BusErrors.stopping());
        }
      }
      case OPEN -> {
        switch (lane.submit(arrival)) {
          case RUN -> bus.workers.execute(arrival);
          case WAITING -> {}
          case FULL -> arrival.refuse(overflow());
        }
      }
    }
  }

  private void start(DeliveryLane.@Nullable Delivery admitted) {
    if (admitted != null) {
      bus.workers.execute((Arrival) admitted);
    }
  }

  /** Takes nothing from here on, because the subscriber has gone. */
  void leave() {
    state = State.GONE;
  }

  /** Takes nothing from here on, because the bus has stopped. */
  void stop() {
    state = State.STOPPED;
  }

  /** Returns whether something is being handled or waits. */
  boolean busy() {
    return traffic.inFlight() > 0;
  }

  /**
   * Ends all that waits: it becomes dead letters, or comes again in the next run.
   *
   * @param stopping whether the bus has stopped, not the subscriber alone
   */
  void abandon(WarehouseException why, boolean stopping) {
    for (DeliveryLane.Delivery waiting : lane.clear()) {
      Arrival arrival = (Arrival) waiting;
      if (!stopping || !arrival.leave(why)) {
        arrival.end(why);
      }
    }
  }

  private WarehouseException overflow() {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        "subscriber " + name() + " is busy and " + options.queueCapacity() + " events may wait");
  }

  /** One event on its way. */
  private final class Arrival implements DeliveryLane.Delivery, Runnable {

    private final Message event;
    private final @Nullable CompletableFuture<Void> retry;
    private final @Nullable EventDelivery delivery;

    Arrival(
        Message event, @Nullable CompletableFuture<Void> retry, @Nullable EventDelivery delivery) {
      this.event = event;
      this.retry = retry;
      this.delivery = delivery;
    }

    @Override
    public @Nullable String key() {
      return event.affinityKey().orElse(null);
    }

    @Override
    public long weight() {
      return event.payload().encodedSize();
    }

    @Override
    public boolean expired() {
      // An event that is too late becomes a dead letter, so it keeps its place until it is seen.
      return false;
    }

    @Override
    public void run() {
      Arrival current = this;
      for (int i = 1; ; i++) {
        DeliveryLane.Delivery next = current.deliverAndLeave();
        if (next == null) {
          return;
        }
        if (i == MOST_IN_A_ROW) {
          bus.workers.executeAfterOthers((Arrival) next);
          return;
        }
        current = (Arrival) next;
      }
    }

    /** Gives the place back in any case; returns what may run in it now. */
    private DeliveryLane.@Nullable Delivery deliverAndLeave() {
      boolean delivered = false;
      try {
        deliver();
        delivered = true;
      } finally {
        if (!delivered) {
          start(lane.leave(key()));
        }
      }
      return lane.leave(key());
    }

    private void deliver() {
      Instant now = bus.clock.instant();
      if (event.deadline().isPresent() && !now.isBefore(event.deadline().get())) {
        end(BusErrors.timeout(event, now));
        return;
      }
      WarehouseException failure = null;
      try {
        subscriber.onEvent(event);
      } catch (Throwable thrown) {
        // A subscriber's failure is its own: it is kept as a dead letter and the rest goes on.
        if (thrown instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (thrown instanceof OutOfMemoryError fatal) {
          traffic.end(true);
          throw fatal;
        }
        failure = BusErrors.ofHandler(thrown, event, owner);
      }
      end(failure);
    }

    /** Leaves a durable event to whoever keeps it; returns whether somebody does. */
    boolean leave(WarehouseException why) {
      if (delivery == null || !event.durable() || watches()) {
        return false;
      }
      traffic.end(true);
      delivery.abandoned(name(), why);
      return true;
    }

    void refuse(WarehouseException why) {
      end(why, options.overflow() == Overflow.DEAD_LETTER, !watches());
    }

    /** Ends it because the subscriber has gone: it is not for this one, and nobody keeps it. */
    void miss(WarehouseException why) {
      end(why, false, false);
    }

    void end(@Nullable WarehouseException failure) {
      end(failure, true, !watches());
    }

    /** Returns whether the subscriber only watches: nobody keeps an event for its sake. */
    private boolean watches() {
      return options.overflow() == Overflow.DROP;
    }

    private void end(@Nullable WarehouseException failure, boolean keep, boolean counts) {
      try {
        if (retry != null) {
          if (failure == null) {
            retry.complete(null);
          } else {
            retry.completeExceptionally(failure);
          }
        } else if (failure != null && keep) {
          bus.deadLetters.keep(event, Optional.of(name()), failure);
        }
      } finally {
        traffic.end(failure != null);
        if (delivery != null) {
          if (counts) {
            delivery.taken();
          } else {
            delivery.ended();
          }
        }
      }
    }
  }
}
