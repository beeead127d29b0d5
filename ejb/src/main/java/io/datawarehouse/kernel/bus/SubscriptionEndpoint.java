package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.SubscriberOptions.Overflow;
import io.datawarehouse.sdk.message.TopicPattern;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One subscription on the bus: queues events, runs the subscriber, keeps what fails. */
final class SubscriptionEndpoint {

  private static final int MOST_IN_A_ROW = 64;

  final TopicPattern pattern;
  final String owner;
  final Traffic traffic;

  private final SubscriberOptions options;
  private final EventSubscriber subscriber;
  private final DeadLetterSink deadLetters;
  private final Executor workers;
  private final Clock clock;
  private final DeliveryLane lane;

  SubscriptionEndpoint(
      TopicPattern pattern,
      String owner,
      SubscriberOptions options,
      EventSubscriber subscriber,
      Traffic traffic,
      DeadLetterSink deadLetters,
      Executor workers,
      Clock clock) {
    this.pattern = pattern;
    this.owner = owner;
    this.options = options;
    this.subscriber = subscriber;
    this.traffic = traffic;
    this.deadLetters = deadLetters;
    this.workers = workers;
    this.clock = clock;
    this.lane = new DeliveryLane(options.concurrency(), options.queueCapacity());
  }

  /** Returns the name by which a dead letter finds its subscription again. */
  String name() {
    return owner + ":" + pattern;
  }

  /** Takes an event; what the queue does not hold goes where the options say. */
  void offer(Message event) {
    traffic.begin();
    Arrival arrival = new Arrival(event, null);
    switch (lane.submit(arrival)) {
      case RUN -> workers.execute(arrival);
      case WAITING -> {}
      case FULL -> arrival.refuse();
    }
  }

  /** Takes an event again; the future says how that went, and nothing becomes a dead letter. */
  CompletableFuture<Void> redeliver(Message event) {
    traffic.begin();
    CompletableFuture<Void> result = new CompletableFuture<>();
    Arrival arrival = new Arrival(event, result);
    switch (lane.submit(arrival)) {
      case RUN -> workers.execute(arrival);
      case WAITING -> {}
      case FULL -> arrival.refuse();
    }
    return result;
  }

  /** Returns whether something is being handled or waits. */
  boolean busy() {
    return lane.inFlight() > 0;
  }

  /** Makes dead letters of all that waits. */
  void abandon(WarehouseException why) {
    lane.clear().forEach(delivery -> ((Arrival) delivery).end(why));
  }

  private WarehouseException overflow() {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        "subscriber " + name() + " is busy and " + options.queueCapacity() + " events wait");
  }

  /** One event on its way. */
  private final class Arrival implements DeliveryLane.Delivery {

    private final Message event;
    private final @Nullable CompletableFuture<Void> retry;

    Arrival(Message event, @Nullable CompletableFuture<Void> retry) {
      this.event = event;
      this.retry = retry;
    }

    @Override
    public @Nullable String key() {
      return event.affinityKey().orElse(null);
    }

    @Override
    public void run() {
      Arrival current = this;
      for (int i = 1; ; i++) {
        current.deliver();
        DeliveryLane.Delivery next = lane.leave(current.key());
        if (next == null) {
          return;
        }
        if (i == MOST_IN_A_ROW) {
          workers.execute(next);
          return;
        }
        current = (Arrival) next;
      }
    }

    private void deliver() {
      if (event.deadline().isPresent() && !clock.instant().isBefore(event.deadline().get())) {
        end(BusErrors.timeout(event, clock.instant()));
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
          throw fatal;
        }
        failure = BusErrors.ofHandler(thrown, event, owner);
      }
      end(failure);
    }

    void refuse() {
      if (options.overflow() == Overflow.DROP && retry == null) {
        traffic.end(true);
        return;
      }
      end(overflow());
    }

    void end(@Nullable WarehouseException failure) {
      try {
        if (retry != null) {
          if (failure == null) {
            retry.complete(null);
          } else {
            retry.completeExceptionally(failure);
          }
        } else if (failure != null) {
          deadLetters.keep(event, Optional.of(name()), failure);
        }
      } finally {
        traffic.end(failure != null);
      }
    }
  }
}
