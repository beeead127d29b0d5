package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One handler on the bus: admits requests, runs them, turns what happens into answers. */
final class HandlerEndpoint {

  /** What all endpoints of a bus share. */
  record Surroundings(
      NodeId node,
      PayloadCodec codec,
      WorkerThreads workers,
      DeadlineWatch deadlines,
      QueueBudget queueBudget) {}

  private static final int MOST_IN_A_ROW = 64;

  final Topic topic;
  final String owner;
  final Traffic traffic;

  private final HandlerOptions options;
  private final MessageHandler handler;
  private final Surroundings bus;
  private final DeliveryLanes lanes;
  private final boolean free;
  private final WaitingWatch waitingWatch = new WaitingWatch();
  private volatile boolean closed;

  HandlerEndpoint(
      Topic topic,
      String owner,
      HandlerOptions options,
      MessageHandler handler,
      Traffic traffic,
      Surroundings bus) {
    this.topic = topic;
    this.owner = owner;
    this.options = options;
    this.handler = handler;
    this.traffic = traffic;
    this.bus = bus;
    this.lanes = new DeliveryLanes(options.concurrency(), options.queueCapacity(), bus.queueBudget);
    // Nothing to wait for: such a handler needs no lane.
    this.free =
        options.execution() == Execution.CALLER
            && options.ordering() == Ordering.UNORDERED
            && options.concurrency() == Integer.MAX_VALUE;
  }

  /**
   * Takes a request for which {@code traffic.begin()} was called; always ends it.
   *
   * @param onWorker whether the handler is kept off this thread whatever it declared
   */
  CompletionStage<Reply> send(Message message, boolean onWorker) {
    if (free && !onWorker) {
      return runOnCaller(message, null);
    }
    String key =
        options.ordering() == Ordering.BY_AFFINITY_KEY ? message.affinityKey().orElse(null) : null;
    if (!onWorker && options.execution() == Execution.CALLER && lanes.tryEnter(key)) {
      return runOnCaller(message, new Place(key));
    }
    Request request = new Request(message, key);
    switch (lanes.submit(request)) {
      case RUN -> start(request);
      case WAITING -> waitingWatch.enter();
      case FULL -> request.fail(BusErrors.full(topic, owner, options.queueCapacity()));
    }
    return request;
  }

  private void start(DeliveryLane.@Nullable Delivery admitted) {
    if (admitted != null) {
      Drainer drainer = new Drainer((Request) admitted);
      bus.deadlines.enter(drainer);
      bus.workers.execute(drainer);
    }
  }

  /** From here on {@link #closed()} holds. */
  void close() {
    closed = true;
  }

  /**
   * Returns whether the handler went away; asked after {@code traffic.begin()}, so that whoever
   * closed it and waits until it is idle sees either this sender or has told it.
   */
  boolean closed() {
    return closed;
  }

  /** Returns whether something is being handled or waits. */
  boolean busy() {
    return traffic.inFlight() > 0 || lanes.inFlight() > 0;
  }

  /** Fails all that waits; returns the messages. */
  List<Message> abandon(WarehouseException why) {
    return lanes.clear().stream()
        .map(Request.class::cast)
        .map(
            request -> {
              request.fail(why);
              return request.message;
            })
        .toList();
  }

  private void watch(Request request) {
    if (request.message.deadline().isPresent()) {
      bus.deadlines.enter(request);
    }
  }

  /** The fast path: no queue, no other thread, and often an answer before it returns. */
  private CompletionStage<Reply> runOnCaller(Message message, @Nullable Place place) {
    CompletionStage<Reply> stage = invoke(message);
    if (stage instanceof CompletableFuture<Reply> future && future.isDone()) {
      leave(place);
      if (!future.isCompletedExceptionally()) {
        Reply reply = future.join();
        if (reply != null) {
          closeUnlessPassedOn(message, reply);
          traffic.end(false);
          return CompletableFuture.completedFuture(reply.delivered(bus.node, bus.codec));
        }
      }
      Request request = new Request(message, null);
      var unused = future.whenComplete(request::answer);
      return request;
    }
    Request request = new Request(message, null);
    var unused = request.hand();
    watch(request);
    stage.whenComplete(
        (reply, thrown) -> {
          leave(place);
          request.answer(reply, thrown);
        });
    return request;
  }

  private void leave(@Nullable Place place) {
    if (place != null) {
      start(lanes.leave(place.key));
    }
  }

  private CompletionStage<Reply> invoke(Message message) {
    try {
      return Objects.requireNonNull(handler.handle(message), "the handler returned no stage");
    } catch (Throwable thrown) {
      // Whatever it is, the sender must hear of it; errors of the machine itself go on.
      if (thrown instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (thrown instanceof OutOfMemoryError fatal) {
        throw fatal;
      }
      return CompletableFuture.failedFuture(thrown);
    }
  }

  /**
   * A handler may pass the message's own content on as its reply's; then the requester closes it.
   */
  private static void closeUnlessPassedOn(Message message, Reply reply) {
    if (message.content().isPresent() && !message.content().equals(reply.content())) {
      Contents.close(message.content().get());
    }
  }

  private static void closeContent(Message message) {
    if (message.content().isPresent()) {
      Contents.close(message.content().get());
    }
  }

  /** A place in the lane that a request on the caller's thread holds. */
  private record Place(@Nullable String key) {}

  /** One request that did not end at once: what its sender waits for. */
  private final class Request extends CompletableFuture<Reply>
      implements DeliveryLane.Delivery, DeadlineWatch.Waiting {

    private final Message message;
    private final @Nullable String key;

    /** Whether the handler has, or had, the message, or never will. */
    private volatile boolean handed;

    Request(Message message, @Nullable String key) {
      this.message = message;
      this.key = key;
    }

    @Override
    public @Nullable String key() {
      return key;
    }

    @Override
    public long weight() {
      return message.payload().encodedSize();
    }

    @Override
    public boolean expired() {
      return isDone();
    }

    /** Runs the handler; returns what may run next, if the place was given back already. */
    private DeliveryLane.@Nullable Delivery runAndLeave() {
      if (!hand()) {
        // It expired while it waited; its handler never sees it.
        return lanes.leave(key);
      }
      CompletionStage<Reply> stage = invoke(message);
      if (stage instanceof CompletableFuture<Reply> future && future.isDone()) {
        DeliveryLane.Delivery next = lanes.leave(key);
        if (future.isCompletedExceptionally()) {
          stage.whenComplete(this::answer);
        } else {
          answer(future.join(), null);
        }
        return next;
      }
      watch(this);
      stage.whenComplete(
          (reply, thrown) -> {
            leave(new Place(key));
            answer(reply, thrown);
          });
      return null;
    }

    /**
     * Returns whether the handler is to have the message now. Either this sees that the deadline
     * has passed, or whoever ended it sees that the handler has the message.
     */
    private boolean hand() {
      handed = true;
      if (isDone()) {
        closeContent(message);
        return false;
      }
      return true;
    }

    private void answer(@Nullable Reply reply, @Nullable Throwable thrown) {
      if (thrown == null && reply != null) {
        closeUnlessPassedOn(message, reply);
      } else {
        closeContent(message);
      }
      if (thrown != null) {
        fail(BusErrors.ofHandler(thrown, message, owner));
      } else if (reply == null) {
        fail(
            BusErrors.ofHandler(
                new NullPointerException("the handler answered nothing"), message, owner));
      } else if (!complete(reply.delivered(bus.node, bus.codec))) {
        // Too late: nobody will read it.
        reply.content().ifPresent(Contents::close);
      }
    }

    private void fail(WarehouseException why) {
      completeExceptionally(why);
      closeContent(message);
    }

    // Whoever ends it, the sender included, who may have given up: then it is over, and counted.

    @Override
    public boolean complete(Reply reply) {
      boolean ended = super.complete(reply);
      if (ended) {
        end(false);
      }
      return ended;
    }

    @Override
    public boolean completeExceptionally(Throwable why) {
      boolean ended = super.completeExceptionally(why);
      if (ended) {
        end(true);
      }
      return ended;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      return completeExceptionally(new CancellationException()) || isCancelled();
    }

    private void end(boolean failure) {
      traffic.end(failure);
      // A handler that has it may be reading the content, and closes it when it ends.
      if (!handed) {
        closeContent(message);
      }
    }

    @Override
    public boolean sweep(Instant now) {
      if (isDone()) {
        return false;
      }
      Instant deadline = message.deadline().orElse(null);
      if (deadline == null || now.isBefore(deadline)) {
        return true;
      }
      completeExceptionally(BusErrors.timeout(message, now));
      return false;
    }
  }

  /** A thread's work on the lane: one request after the other, as long as there are any. */
  private final class Drainer implements Runnable, DeadlineWatch.Waiting {

    /** What it works on, or will first; null when it is over. */
    private volatile @Nullable Request current;

    Drainer(Request first) {
      this.current = first;
    }

    @Override
    public void run() {
      Request request = current;
      boolean orderly = false;
      try {
        for (int i = 1; request != null; i++) {
          request = (Request) request.runAndLeave();
          current = request;
          if (i == MOST_IN_A_ROW && request != null) {
            // Other handlers want the thread too.
            bus.workers.executeAfterOthers(this);
            break;
          }
        }
        orderly = true;
      } finally {
        if (!orderly) {
          current = null;
        }
      }
    }

    @Override
    public boolean sweep(Instant now) {
      Request request = current;
      if (request != null) {
        var unused = request.sweep(now);
      }
      return request != null;
    }
  }

  /** Watches what waits, while anything does. */
  private final class WaitingWatch implements DeadlineWatch.Waiting {

    private final AtomicBoolean entered = new AtomicBoolean();

    /** Called after something began to wait. */
    void enter() {
      if (!entered.get() && entered.compareAndSet(false, true)) {
        bus.deadlines.enter(this);
      }
    }

    @Override
    public boolean sweep(Instant now) {
      for (DeliveryLane.Delivery delivery : lanes.waitingNow()) {
        var unused = ((Request) delivery).sweep(now);
      }
      if (lanes.waiting() > 0) {
        return true;
      }
      entered.set(false);
      // Whoever began to wait before that relied on this.
      return lanes.waiting() > 0 && entered.compareAndSet(false, true);
    }
  }
}
