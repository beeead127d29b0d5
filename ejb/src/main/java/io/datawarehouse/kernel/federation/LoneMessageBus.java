package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The message bus of a node that is alone: the bus inside its process, with durable events kept in
 * an {@link Outbox} until its subscribers have taken them, as a node of a cluster keeps them for
 * itself. Thread-safe. It needs no network, and nothing that brings messages to other nodes; what a
 * former member of a cluster keeps for these is {@link StrayEvents}' own.
 */
public final class LoneMessageBus implements KernelBus, AutoCloseable {

  /**
   * What the bus is made of.
   *
   * @param local the bus inside this process
   * @param node this node
   * @param incarnation which run of it this is; grows
   * @param storage a durable map of the bus's own; the one of a cluster's bus goes on with it
   * @param codec converts payloads
   * @param clock tells when deadlines pass
   * @param ticker nanoseconds that only grow
   * @param timer ticks
   * @param workers delivers durable events; must take all tasks
   * @param metrics counts
   * @param outboxEvents how many durable events may wait
   * @param outboxBytes how many bytes of these
   */
  public record Options(
      LocalMessageBus local,
      NodeId node,
      long incarnation,
      KernelStorage storage,
      PayloadCodec codec,
      Clock clock,
      LongSupplier ticker,
      ScheduledExecutorService timer,
      Executor workers,
      Metrics metrics,
      int outboxEvents,
      long outboxBytes) {}

  /** How many durable events may wait, as a rule. */
  public static final int OUTBOX_EVENTS = Outbox.MOST_EVENTS;

  /** How many bytes of durable events may wait, as a rule. */
  public static final long OUTBOX_BYTES = Outbox.MOST_BYTES;

  private static final System.Logger LOG = System.getLogger(LoneMessageBus.class.getName());
  private static final long TICK_MILLIS = 250;

  /** As long as a node that is gone is waited for in a cluster. */
  private static final Duration GIVE_UP_AFTER = Duration.ofHours(24);

  private final LocalMessageBus local;
  private final NodeId self;
  private final Clock clock;
  private final Outbox outbox;
  private final OwnEvents events;
  private final StrayEvents strays;
  private final ScheduledFuture<?> tick;
  private volatile boolean draining;
  private volatile boolean closed;

  /** Makes a bus that takes messages at once, and reads what an earlier run has left. */
  public LoneMessageBus(Options options) {
    this.local = options.local;
    this.self = options.node;
    this.clock = options.clock;
    this.outbox =
        new Outbox(
            options.storage,
            options.codec,
            options.clock,
            options.incarnation,
            options.outboxEvents,
            options.outboxBytes);
    this.events =
        new OwnEvents(
            new ArrivingEvents.Surroundings(
                options.local, options.storage, options.workers, options.timer),
            options.node,
            outbox,
            options.ticker);
    this.strays =
        new StrayEvents(
            options.node,
            outbox,
            options.local.deadLetters(),
            options.workers,
            options.ticker,
            GIVE_UP_AFTER,
            options.metrics);
    options.metrics.gauge("bus.outbox.waiting", "Durable events that wait", Map.of(), outbox::size);
    this.tick =
        options.timer.scheduleWithFixedDelay(
            this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      events.look();
      strays.look();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "looking after durable events failed", e);
    }
  }

  /**
   * Delivers the durable events that wait since an earlier run, or since this one began; called
   * when the plugins are there that hear them.
   */
  public void resume() {
    events.resume();
  }

  /** Returns how many durable events wait. */
  public int outbox() {
    return outbox.size();
  }

  @Override
  public MessageBus view(String owner) {
    return new View(local.view(owner));
  }

  @Override
  public List<TopicStatus> topics() {
    return local.topics();
  }

  @Override
  public CompletionStage<Void> redeliver(Message event, String subscriber) {
    return local.redeliver(event, subscriber);
  }

  @Override
  public CompletionStage<Void> resend(Message command) {
    return local.resend(command);
  }

  @Override
  public boolean evict(String owner, Duration limit) {
    return local.evict(owner, limit);
  }

  /**
   * Does what {@link LocalMessageBus#drain(Duration)} does. Durable events that are published from
   * now on, and that the bus does not deliver any more, are kept for the next run.
   */
  @Override
  public boolean drain(Duration limit) {
    draining = true;
    return local.drain(limit);
  }

  /** Takes no durable events any more. Called after draining, when the plugins have stopped. */
  @Override
  public void close() {
    closed = true;
    tick.cancel(false);
  }

  private void publish(Message event, MessageBus localView) {
    if (event.kind() != MessageKind.EVENT || event.content().isPresent() || !event.durable()) {
      // The local bus refuses what is no event.
      localView.publish(event);
    } else if (closed) {
      throw FederationErrors.stopping();
    } else if (!events.resumed() || draining || local.hears(event.topic())) {
      // Not all subscribers are there while plugins come and go, so nobody knows who misses it.
      keep(Outbox.dated(event, clock));
    }
  }

  private void keep(Message event) {
    Outbox.Entry entry = outbox.add(event, List.of(self), strays::makeRoom);
    try {
      events.deliver(entry);
    } finally {
      outbox.handedOut(entry);
    }
  }

  /** The bus with an owner's name on what it registers. */
  private final class View implements MessageBus {

    private final MessageBus view;

    View(MessageBus view) {
      this.view = view;
    }

    @Override
    public CompletionStage<Reply> request(Message message) {
      return view.request(message);
    }

    @Override
    public void publish(Message event) {
      LoneMessageBus.this.publish(event, view);
    }

    @Override
    public Registration handle(Topic topic, HandlerOptions handling, MessageHandler handler) {
      return view.handle(topic, handling, handler);
    }

    @Override
    public Registration subscribe(
        TopicPattern pattern, SubscriberOptions listening, EventSubscriber subscriber) {
      return view.subscribe(pattern, listening, subscriber);
    }
  }
}
