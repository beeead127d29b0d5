package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.EventSubscriber;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The message bus inside one process. Thread-safe.
 *
 * <p>A request finds its one handler in a map and goes through that handler's {@link DeliveryLane};
 * an event goes into the lane of every subscription whose pattern matches. All queues are the
 * lanes' and bounded: a request that does not fit is refused with {@code BULKHEAD_FULL}, an event
 * becomes a dead letter of that subscription, or is dropped where the subscriber asked for that.
 *
 * <p>A command that nobody handles is refused and kept as a dead letter: its sender may be gone,
 * and an operator can send it again when the plugin is back. A query is only refused.
 */
public final class LocalMessageBus implements KernelBus {

  /**
   * What the bus is made of.
   *
   * @param node the node that answers
   * @param clock tells when deadlines pass
   * @param codec converts payloads
   * @param workers runs handlers and subscribers; must take as many tasks as the lanes admit
   * @param timer ticks for deadlines and rates
   * @param deadLetters keeps what cannot be delivered
   * @param metrics counts
   * @param queueBytes how many bytes of payload may wait in all queues together
   * @param defaultTimeout the deadline of requests without one and without content beside them; a
   *     request with content takes as long as its content does
   */
  public record Options(
      NodeId node,
      Clock clock,
      PayloadCodec codec,
      Executor workers,
      ScheduledExecutorService timer,
      DeadLetterSink deadLetters,
      Metrics metrics,
      long queueBytes,
      Duration defaultTimeout) {}

  private enum State {
    OPEN,
    /** Takes only what is a consequence of something that is under way. */
    DRAINING,
    CLOSED
  }

  private static final int MOST_CACHED_TOPICS = 10_000;
  private static final long RATE_TICK_SECONDS = 5;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Options options;
  private final DeadlineWatch deadlines;
  private final DeadLetterSink deadLetters;
  private final HandlerEndpoint.Surroundings forHandlers;
  private final SubscriptionEndpoint.Surroundings forSubscriptions;
  private final Map<Topic, HandlerEndpoint> handlers = new ConcurrentHashMap<>();
  private final List<SubscriptionEndpoint> subscriptions = new CopyOnWriteArrayList<>();

  /** Who hears a topic; emptied whenever the subscriptions change, before that is visible. */
  private final Map<Topic, Audience> audiences = new ConcurrentHashMap<>();

  private final AtomicLong subscriptionChanges = new AtomicLong();
  private volatile State state = State.OPEN;

  private record Audience(long change, List<SubscriptionEndpoint> members) {}

  /** Makes a bus that takes messages at once. */
  public LocalMessageBus(Options options) {
    this.options = options;
    this.deadlines = new DeadlineWatch(options.clock, options.timer);
    this.deadLetters = new GuardedDeadLetters(options.deadLetters, options.metrics);
    QueueBudget queueBudget = new QueueBudget(options.queueBytes);
    options.metrics.gauge(
        "bus.queued.bytes", "Payload that waits in queues", Map.of(), queueBudget::taken);
    WorkerThreads workers = new WorkerThreads(options.workers);
    this.forHandlers =
        new HandlerEndpoint.Surroundings(
            options.node, options.codec, workers, deadlines, queueBudget);
    this.forSubscriptions =
        new SubscriptionEndpoint.Surroundings(deadLetters, workers, options.clock, queueBudget);
    var unused =
        options.timer.scheduleAtFixedRate(
            this::tickRates, RATE_TICK_SECONDS, RATE_TICK_SECONDS, TimeUnit.SECONDS);
  }

  /** Returns the bus as one owner sees it: what it registers carries its name. */
  @Override
  public MessageBus view(String owner) {
    return new View(owner);
  }

  /** Returns all topics and patterns that somebody handles or hears, sorted. */
  @Override
  public List<TopicStatus> topics() {
    List<TopicStatus> all = new ArrayList<>();
    handlers.values().forEach(handler -> all.add(statusOf(handler)));
    Map<String, List<SubscriptionEndpoint>> byPattern = new TreeMap<>();
    subscriptions.forEach(
        subscription ->
            byPattern
                .computeIfAbsent(subscription.pattern.text(), text -> new ArrayList<>())
                .add(subscription));
    byPattern.forEach((pattern, members) -> all.add(statusOf(pattern, members)));
    all.sort(Comparator.comparing(TopicStatus::topic));
    return all;
  }

  /** Delivers an event again to the one subscription that missed it. */
  /** Returns what keeps the dead letters of this bus; its failures are its own. */
  public DeadLetterSink deadLetters() {
    return deadLetters;
  }

  @Override
  public CompletionStage<Void> redeliver(Message event, String subscriber) {
    for (SubscriptionEndpoint subscription : subscriptions) {
      if (subscription.name().equals(subscriber)) {
        return subscription.redeliver(event);
      }
    }
    return CompletableFuture.failedFuture(BusErrors.noSubscriber(subscriber));
  }

  /** Sends a command again that was a dead letter; nothing becomes a dead letter this time. */
  @Override
  public CompletionStage<Void> resend(Message command) {
    return send(command, false)
        .thenApply(
            reply -> {
              reply.content().ifPresent(Contents::close);
              return null;
            });
  }

  /** Returns whether somebody handles the topic. */
  public boolean handles(Topic topic) {
    return handlers.containsKey(topic);
  }

  /** Returns whether somebody hears events of the topic. */
  public boolean hears(Topic topic) {
    return !audienceOf(topic).members.isEmpty();
  }

  /**
   * Delivers a command or query that came from another node; nothing becomes a dead letter.
   *
   * @param onWorker whether its handler is kept off the calling thread whatever it declared
   */
  public CompletionStage<Reply> deliver(Message message, boolean onWorker) {
    return send(message, false, onWorker);
  }

  /**
   * Delivers an event to all its subscribers; the stage completes when each of them has taken it,
   * or it is a dead letter of theirs. It fails where the bus stops and the event is to come again.
   */
  public CompletionStage<Void> deliver(Message event) {
    if (closedFor(event)) {
      return CompletableFuture.failedFuture(BusErrors.stopping());
    }
    List<SubscriptionEndpoint> members = audienceOf(event.topic()).members;
    Message message = event.copy().payload(event.payload().withCodec(options.codec)).build();
    EventDelivery delivery = new EventDelivery(message, members.size(), deadLetters);
    members.forEach(member -> member.offer(message, delivery));
    return delivery.result();
  }

  /**
   * Takes an owner off the bus: its handlers and subscriptions get nothing new, and what they work
   * on ends, or the limit is over.
   *
   * @return whether everything ended
   */
  @Override
  public boolean evict(String owner, Duration limit) {
    List<HandlerEndpoint> goneHandlers =
        handlers.values().stream().filter(handler -> handler.owner.equals(owner)).toList();
    List<SubscriptionEndpoint> goneSubscriptions =
        subscriptions.stream().filter(member -> member.owner.equals(owner)).toList();
    goneHandlers.forEach(this::remove);
    goneSubscriptions.forEach(this::remove);
    boolean idle =
        await(
            limit,
            () ->
                goneHandlers.stream().noneMatch(HandlerEndpoint::busy)
                    && goneSubscriptions.stream().noneMatch(SubscriptionEndpoint::busy));
    abandon(goneHandlers, goneSubscriptions, false);
    return idle;
  }

  /**
   * Refuses new messages and waits until those under way, and what follows from them, have ended.
   * When the limit is over, requests that still wait fail with {@code UNAVAILABLE}, and commands
   * and events that still wait become dead letters; a durable event that none of its subscribers
   * has taken is left to whoever keeps it for the next run.
   *
   * @return whether everything ended in time
   */
  @Override
  public boolean drain(Duration limit) {
    state = State.DRAINING;
    boolean idle =
        await(
            limit,
            () ->
                handlers.values().stream().noneMatch(HandlerEndpoint::busy)
                    && subscriptions.stream().noneMatch(SubscriptionEndpoint::busy));
    state = State.CLOSED;
    handlers.values().forEach(HandlerEndpoint::close);
    subscriptions.forEach(SubscriptionEndpoint::stop);
    abandon(List.copyOf(handlers.values()), subscriptions, true);
    return idle;
  }

  private void abandon(
      List<HandlerEndpoint> theseHandlers,
      List<SubscriptionEndpoint> theseSubscriptions,
      boolean stopping) {
    WarehouseException why = BusErrors.stopping();
    for (HandlerEndpoint handler : theseHandlers) {
      for (Message message : handler.abandon(why)) {
        if (message.kind() == MessageKind.COMMAND) {
          keep(message, why);
        }
      }
    }
    theseSubscriptions.forEach(subscription -> subscription.abandon(why, stopping));
  }

  /** Ends the requests that are due; the tick does this, and tests with a clock of their own. */
  void sweepDeadlines() {
    var unused = deadlines.sweep();
  }

  private CompletionStage<Reply> send(Message message, boolean keepUndelivered) {
    return send(message, keepUndelivered, false);
  }

  private CompletionStage<Reply> send(Message message, boolean keepUndelivered, boolean onWorker) {
    HandlerEndpoint handler = enter(message.topic());
    if (handler == null) {
      if (closedFor(message)) {
        // Handlers go while the bus closes; that is no reason for a dead letter.
        return refuse(message, BusErrors.stopping());
      }
      WarehouseException why = BusErrors.noHandler(message.topic());
      if (keepUndelivered && message.kind() == MessageKind.COMMAND) {
        keep(message, why);
      }
      return refuse(message, why);
    }
    if (closedFor(message)) {
      handler.traffic.end(true);
      return refuse(message, BusErrors.stopping());
    }
    Instant now = options.clock.instant();
    Instant deadline = deadlineOf(message, now);
    if (deadline != null && !now.isBefore(deadline)) {
      handler.traffic.end(true);
      return refuse(message, BusErrors.timeout(message, now));
    }
    return handler.send(prepared(message, deadline), onWorker);
  }

  /** Returns the message as its handler gets it: what came from another node is so already. */
  private Message prepared(Message message, @Nullable Instant deadline) {
    Payload payload = message.payload().withCodec(options.codec);
    if (payload == message.payload() && Objects.equals(deadline, message.deadline().orElse(null))) {
      return message;
    }
    Message.Builder prepared = message.copy().payload(payload);
    if (deadline != null) {
      prepared.deadline(deadline);
    }
    return prepared.build();
  }

  /**
   * Returns the topic's handler with the message counted; null where there is none. Counted before
   * the states are read, so that whoever drains or evicts sees all that was let in.
   */
  private @Nullable HandlerEndpoint enter(Topic topic) {
    HandlerEndpoint handler = handlers.get(topic);
    if (handler == null) {
      return null;
    }
    handler.traffic.begin();
    if (handler.closed()) {
      handler.traffic.end(true);
      return null;
    }
    return handler;
  }

  private @Nullable Instant deadlineOf(Message message, Instant now) {
    Instant given = message.deadline().orElse(null);
    if (message.timeout().isPresent()) {
      Instant wanted = now.plus(message.timeout().get());
      return given == null || wanted.isBefore(given) ? wanted : given;
    }
    return given == null && message.content().isEmpty() ? now.plus(options.defaultTimeout) : given;
  }

  private boolean closedFor(Message message) {
    State now = state;
    return now == State.CLOSED || now == State.DRAINING && message.causationId().isEmpty();
  }

  private static CompletionStage<Reply> refuse(Message message, WarehouseException why) {
    message.content().ifPresent(Contents::close);
    return CompletableFuture.failedFuture(why);
  }

  private void keep(Message message, WarehouseException why) {
    deadLetters.keep(
        message.copy().payload(message.payload().withCodec(options.codec)).build(),
        Optional.empty(),
        why);
  }

  private void publish(Message event) {
    if (closedFor(event)) {
      throw BusErrors.stopping();
    }
    Audience audience = audienceOf(event.topic());
    if (audience.members.isEmpty()) {
      return;
    }
    Message.Builder delivered = event.copy().payload(event.payload().withCodec(options.codec));
    event.timeout().ifPresent(timeout -> delivered.deadline(options.clock.instant().plus(timeout)));
    Message message = delivered.build();
    audience.members.forEach(member -> member.offer(message));
  }

  private Audience audienceOf(Topic topic) {
    Audience known = audiences.get(topic);
    if (known != null && known.change == subscriptionChanges.get()) {
      return known;
    }
    // The count is read first: a change meanwhile makes this answer stale, not wrong for ever.
    long change = subscriptionChanges.get();
    Audience fresh =
        new Audience(
            change,
            subscriptions.stream().filter(member -> member.pattern.matches(topic)).toList());
    if (audiences.size() >= MOST_CACHED_TOPICS) {
      audiences.clear();
    }
    audiences.put(topic, fresh);
    return fresh;
  }

  private void add(HandlerEndpoint handler) {
    HandlerEndpoint present = handlers.putIfAbsent(handler.topic, handler);
    if (present != null) {
      throw new WarehouseException(
          StandardErrorCode.DUPLICATE_HANDLER,
          "topic '"
              + handler.topic
              + "' is handled by "
              + present.owner
              + " already; "
              + handler.owner
              + " cannot handle it too");
    }
  }

  private void remove(HandlerEndpoint handler) {
    handlers.remove(handler.topic, handler);
    handler.close();
  }

  private void add(SubscriptionEndpoint subscription) {
    subscriptions.add(subscription);
    subscriptionChanges.incrementAndGet();
  }

  private void remove(SubscriptionEndpoint subscription) {
    subscriptions.remove(subscription);
    subscriptionChanges.incrementAndGet();
    subscription.leave();
  }

  private void tickRates() {
    handlers.values().forEach(handler -> handler.traffic.tick());
    subscriptions.forEach(subscription -> subscription.traffic.tick());
  }

  /**
   * Those who only watch come and go with patterns of their own, which must not become metrics that
   * stay: they are counted together.
   */
  private static String countedAs(TopicPattern pattern, SubscriberOptions listening) {
    return listening.overflow() == SubscriberOptions.Overflow.DROP ? "**" : pattern.text();
  }

  private static TopicStatus statusOf(HandlerEndpoint handler) {
    Traffic traffic = handler.traffic;
    return new TopicStatus(
        handler.topic.name(),
        Optional.of(handler.owner),
        List.of(),
        traffic.delivered(),
        traffic.failed(),
        traffic.inFlight(),
        traffic.ratePerSecond());
  }

  private static TopicStatus statusOf(String pattern, List<SubscriptionEndpoint> members) {
    return new TopicStatus(
        pattern,
        Optional.empty(),
        members.stream().map(member -> member.owner).sorted().toList(),
        members.stream().mapToLong(member -> member.traffic.delivered()).sum(),
        members.stream().mapToLong(member -> member.traffic.failed()).sum(),
        members.stream().mapToLong(member -> member.traffic.inFlight()).sum(),
        members.stream().mapToDouble(member -> member.traffic.ratePerSecond()).sum());
  }

  /** Waits for a condition that other threads bring about without telling. */
  private static boolean await(Duration limit, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start >= limit.toNanos() || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  /** The bus with an owner's name on what it registers. */
  private final class View implements MessageBus {

    private final String owner;

    View(String owner) {
      this.owner = owner;
    }

    @Override
    public CompletionStage<Reply> request(Message message) {
      if (message.kind() == MessageKind.EVENT) {
        throw new IllegalArgumentException("an event is published, not requested: " + message);
      }
      return send(message, true);
    }

    @Override
    public void publish(Message event) {
      if (event.kind() != MessageKind.EVENT) {
        throw new IllegalArgumentException("only events are published: " + event);
      }
      if (event.content().isPresent()) {
        throw new IllegalArgumentException("an event has no content beside it: " + event);
      }
      LocalMessageBus.this.publish(event);
    }

    @Override
    public Registration handle(Topic topic, HandlerOptions handling, MessageHandler handler) {
      HandlerEndpoint endpoint =
          new HandlerEndpoint(
              topic,
              owner,
              handling,
              handler,
              new Traffic(options.metrics, topic.name(), owner),
              forHandlers);
      add(endpoint);
      return () -> remove(endpoint);
    }

    @Override
    public Registration subscribe(
        TopicPattern pattern, SubscriberOptions listening, EventSubscriber subscriber) {
      SubscriptionEndpoint endpoint =
          new SubscriptionEndpoint(
              pattern,
              owner,
              listening,
              subscriber,
              new Traffic(options.metrics, countedAs(pattern, listening), owner),
              forSubscriptions);
      add(endpoint);
      return () -> remove(endpoint);
    }
  }
}
