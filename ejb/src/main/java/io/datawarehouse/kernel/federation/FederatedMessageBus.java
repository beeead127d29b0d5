package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.Affinities;
import io.datawarehouse.kernel.affinity.AffinityPolicy;
import io.datawarehouse.kernel.affinity.Assignment;
import io.datawarehouse.kernel.bus.DeadLetterSink;
import io.datawarehouse.kernel.bus.KernelBus;
import io.datawarehouse.kernel.bus.LocalMessageBus;
import io.datawarehouse.kernel.bus.TopicStatus;
import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.kernel.cluster.RouteQuestion;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.placement.KeyOwners;
import io.datawarehouse.kernel.subscription.SubscriptionDirectory;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Content;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One message bus over all nodes of a cluster. Thread-safe. It wraps the bus of this node and
 * offers the same; a plugin cannot tell the two apart.
 *
 * <p>A route is found in memory: a request with an affinity key goes to the first usable owner of
 * the key that handles its topic, one without to a node that the balancing strategy chooses, an
 * event to every node that hears it. What was promised of order holds from one node to another,
 * because a link keeps the order and the handler's lane at the other end does; it does not hold
 * across the moment in which a key changes its node or a link breaks.
 *
 * <p>When a link breaks, what is under way on it fails at once with {@code UNAVAILABLE}. Only what
 * may be handled twice ({@link Message#idempotent()}) or has not reached a handler is sent again,
 * to another node where the route allows it, after a short pause with chance in it.
 */
public final class FederatedMessageBus implements KernelBus, NodeRequests, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(FederatedMessageBus.class.getName());

  /** The name under which a node speaks the bus's protocol in its descriptor's endpoints. */
  public static final String ENDPOINT = "grpc";

  /**
   * What the bus is made of.
   *
   * @param local the bus of this node
   * @param cluster membership, health and placement
   * @param incarnation which run of this node it is
   * @param network the links with other nodes; started and closed by this bus
   * @param directory who handles what; started and closed by this bus
   * @param addresses where a node is reached; {@link #grpcAddress} as a rule
   * @param feed takes what links tell of the health of others
   * @param load how busy this node is, for its heartbeats
   * @param guard breakers and bulkheads
   * @param balancing the strategy in force; {@link #refresh()} follows a change
   * @param storage a durable map of the bus's own, for events that must not be lost
   * @param deadLetters keeps events that were given up
   * @param codec converts payloads
   * @param clock tells when deadlines pass
   * @param ticker nanoseconds that only grow
   * @param random draws pauses
   * @param timer ticks
   * @param workers delivers events that came from others; must take all tasks
   * @param callers runs handlers that may block their caller, for requests from other nodes, and
   *     what is left to do when a link is down; may refuse
   * @param metrics counts
   * @param settings sizes, times and choices
   */
  public record Options(
      LocalMessageBus local,
      ClusterContext cluster,
      long incarnation,
      PeerNetwork network,
      SubscriptionDirectory directory,
      Function<ClusterNode, Optional<PeerAddress>> addresses,
      NodeHealthMonitor.Feed feed,
      Supplier<NodeLoad> load,
      PeerGuard guard,
      Supplier<Balancing> balancing,
      KernelStorage storage,
      DeadLetterSink deadLetters,
      PayloadCodec codec,
      Clock clock,
      LongSupplier ticker,
      RandomGenerator random,
      ScheduledExecutorService timer,
      Executor workers,
      Executor callers,
      Metrics metrics,
      Settings settings) {}

  /**
   * How requests without a key are spread. Immutable.
   *
   * @param strategy the strategy in force
   * @param config its settings
   * @param preferLocal whether they stay here where this node handles them
   * @param affinity what says which of them belong together
   */
  public record Balancing(
      LoadBalancerStrategy strategy,
      LoadBalancingConfig config,
      boolean preferLocal,
      AffinityPolicy affinity) {

    /** Makes one that prefers no node. */
    public Balancing(LoadBalancerStrategy strategy, LoadBalancingConfig config) {
      this(strategy, config, false, AffinityPolicy.none());
    }
  }

  /** What this node may answer out of copies though another one owns it. */
  @FunctionalInterface
  public interface LocalCopies {

    /** Nothing. */
    LocalCopies NONE = (topic, affinityKey) -> false;

    /** Returns whether a request with that key may be answered here now. */
    boolean answer(Topic topic, String affinityKey);
  }

  /**
   * Sizes, times and choices.
   *
   * @param timeout the deadline of requests without one and without content
   * @param preferLocal whether requests without a key stay here where this node handles them
   * @param ownerOnly topics whose messages with a key go to the key's owner or nowhere
   * @param owners finds that owner
   * @param stayingLocal topics that never leave this node
   * @param mostServed how many requests of one other node may be under way here
   * @param mostBytes how long a message may be on the wire
   * @param inlineContent up to which length content travels in its message
   * @param stall how long a reply's content may wait to be fetched
   * @param retries how often a request is sent again at most
   * @param retryPause the first pause before that; it doubles, and half of it is chance
   * @param outboxEvents how many durable events may wait for others
   * @param outboxBytes how many bytes of these
   * @param giveUpAfter how long a node may be gone before its durable events become dead letters
   * @param suspectFor how long one that is suspect is waited for as one that is there; then it
   *     counts as gone, also where the membership removes nobody
   * @param copies what this node answers itself that is another's
   */
  public record Settings(
      Duration timeout,
      boolean preferLocal,
      Predicate<Topic> ownerOnly,
      KeyOwners owners,
      Predicate<Topic> stayingLocal,
      int mostServed,
      int mostBytes,
      int inlineContent,
      Duration stall,
      int retries,
      Duration retryPause,
      int outboxEvents,
      long outboxBytes,
      Duration giveUpAfter,
      Duration suspectFor,
      LocalCopies copies) {

    /** Returns the defaults: nothing goes to owners alone, nothing stays here. */
    public static Settings defaults(Duration timeout) {
      return new Settings(
          timeout,
          false,
          topic -> false,
          KeyOwners.byHash(),
          topic -> false,
          8_192,
          32 << 20,
          32 << 10,
          Duration.ofSeconds(30),
          2,
          Duration.ofMillis(20),
          Outbox.MOST_EVENTS,
          Outbox.MOST_BYTES,
          Duration.ofHours(24),
          Duration.ofSeconds(30),
          LocalCopies.NONE);
    }

    /** Returns these settings with topics whose messages go to the key's owner or nowhere. */
    public Settings withOwnerOnly(Predicate<Topic> topics) {
      return withOwnerOnly(topics, owners);
    }

    /**
     * Returns these settings with topics whose messages go to the key's owner or nowhere, and with
     * what finds that owner.
     */
    public Settings withOwnerOnly(Predicate<Topic> topics, KeyOwners finding) {
      return new Settings(
          timeout,
          preferLocal,
          topics,
          finding,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          copies);
    }

    /** Returns these settings with topics that never leave the node. */
    public Settings withStayingLocal(Predicate<Topic> topics) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          topics,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          copies);
    }

    /** Returns these settings with copies that this node may answer from. */
    public Settings withCopies(LocalCopies newCopies) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          newCopies);
    }

    /** Returns these settings with this node preferred or not. */
    public Settings withPreferLocal(boolean prefer) {
      return new Settings(
          timeout,
          prefer,
          ownerOnly,
          owners,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          copies);
    }

    /** Returns these settings with another time in which a reply's content must be fetched. */
    public Settings withStall(Duration newStall) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          newStall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          copies);
    }

    /** Returns these settings with another limit of what one other node may have under way here. */
    public Settings withMostServed(int most) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          stayingLocal,
          most,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          suspectFor,
          copies);
    }

    /** Returns these settings with another time for which a suspect counts as there. */
    public Settings withSuspectFor(Duration newSuspectFor) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          outboxEvents,
          outboxBytes,
          giveUpAfter,
          newSuspectFor,
          copies);
    }

    /** Returns these settings with other limits of what waits for others durably. */
    public Settings withOutbox(int events, long bytes, Duration newGiveUpAfter) {
      return new Settings(
          timeout,
          preferLocal,
          ownerOnly,
          owners,
          stayingLocal,
          mostServed,
          mostBytes,
          inlineContent,
          stall,
          retries,
          retryPause,
          events,
          bytes,
          newGiveUpAfter,
          suspectFor,
          copies);
    }
  }

  private enum State {
    OPEN,
    /** Takes only what is a consequence of something that is under way. */
    DRAINING,
    CLOSED
  }

  private static final long SWEEP_MILLIS = 10;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Options options;
  private final NodeId self;
  private final MessageBus kernelView;
  private final Map<NodeId, PeerNode> nodes = new ConcurrentHashMap<>();
  private final Affinities affinities;
  private final LastResorts lastResorts;
  private final ContentOffers offers;
  private final RequestSender sender;
  private final RequestServer server;
  private final EventCourier events;
  private final List<Watch> watches = new ArrayList<>();
  private final List<Mine> registrations = new CopyOnWriteArrayList<>();
  private volatile Routes routes;

  // Guarded by this.
  private int port;

  private volatile State state = State.OPEN;

  /** Something that was registered on this node. */
  private final class Mine implements Registration {

    private final String owner;
    private final Registration registration;
    private final Runnable forget;
    private final AtomicBoolean closed = new AtomicBoolean();

    Mine(String owner, Registration registration, Runnable forget) {
      this.owner = owner;
      this.registration = registration;
      this.forget = forget;
    }

    @Override
    public void close() {
      forget();
      registration.close();
    }

    /** Tells the others, who from then on send nothing more. */
    void forget() {
      if (closed.compareAndSet(false, true)) {
        registrations.remove(this);
        forget.run();
      }
    }
  }

  /** Makes a bus whose callers run handlers that read content, too. */
  public FederatedMessageBus(Options options) {
    this(options, options.callers);
  }

  /**
   * Makes a bus that works on this node alone until it is started.
   *
   * @param contents runs handlers that block their caller while content comes from another node, so
   *     that slow senders take no thread from other requests; may refuse
   */
  public FederatedMessageBus(Options options, Executor contents) {
    this.options = options;
    this.self = options.cluster.localNodeId();
    this.kernelView = options.local.view("peers");
    this.offers =
        new ContentOffers(
            options.settings.inlineContent, options.settings.stall.toNanos(), options.ticker);
    this.affinities = new Affinities(options.ticker, options.metrics);
    this.lastResorts = new LastResorts(options.ticker, options.metrics);
    this.routes = newRoutes();
    this.server = new RequestServer(options, offers, contents, this::takesFromOthers);
    this.sender = new RequestSender(options, offers, this::route);
    this.events = new EventCourier(options, self, this::routes, this::node);
    options.metrics.gauge(
        "bus.peer.requests.waiting",
        "Requests that other nodes have not answered yet",
        Map.of(),
        () -> nodes.values().stream().mapToInt(node -> node.calls.size()).sum());
  }

  /** Returns where a node's descriptor says that it speaks the bus's protocol. */
  public static Optional<PeerAddress> grpcAddress(ClusterNode node) {
    return Optional.ofNullable(node.descriptor().endpoints().get(ENDPOINT))
        .map(place -> PeerAddress.of(node.id(), place));
  }

  /**
   * Begins to listen for other nodes, so that this one can say at which port when it joins. Called
   * once, before {@link #start()} or by it; the registry and the membership are not asked yet.
   *
   * @return the port on which it listens
   */
  public synchronized int listen() {
    if (port == 0) {
      port = options.network.start(new Receiver());
    }
    return port;
  }

  /**
   * Listens to membership and registry, and reaches the other nodes. Called once.
   *
   * @return the port on which it listens
   */
  public int start() {
    watches.add(options.directory.watch(this::refresh));
    watches.add(options.cluster.membership().watch(change -> membershipChanged()));
    options.directory.start();
    int listening = listen();
    var unused =
        options.timer.scheduleAtFixedRate(
            this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    membershipChanged();
    return listening;
  }

  /**
   * Delivers what durable events an earlier run of this node left to its own subscribers, and says
   * to all nodes that it hears no others; called when the plugins are there that hear them.
   */
  public void resume() {
    options.directory.started();
    events.resume();
  }

  // ---- the same as the local bus ----------------------------------------------------------------

  /** Returns the bus as one owner sees it: what it registers carries its name. */
  @Override
  public MessageBus view(String owner) {
    return new View(owner);
  }

  /** Returns all topics and patterns that somebody on this node handles or hears, sorted. */
  @Override
  public List<TopicStatus> topics() {
    return options.local.topics();
  }

  /** Delivers an event again to the one subscription, or the one node, that missed it. */
  @Override
  public CompletionStage<Void> redeliver(Message event, String subscriber) {
    return EventCourier.nodeOf(subscriber)
        .map(node -> events.redeliver(event, node))
        .orElseGet(() -> options.local.redeliver(event, subscriber));
  }

  /** Sends a command again that was a dead letter; nothing becomes a dead letter this time. */
  @Override
  public CompletionStage<Void> resend(Message command) {
    Route route = routes.of(command.topic());
    return route.localOnly()
        ? options.local.resend(command)
        : sender
            .send(command, route, null)
            .thenApply(
                reply -> {
                  reply.content().ifPresent(ContentOffers::close);
                  return null;
                });
  }

  /**
   * Takes an owner off the bus: its handlers and subscriptions get nothing new, and what they work
   * on ends, or the limit is over.
   *
   * @return whether everything ended
   */
  @Override
  public boolean evict(String owner, Duration limit) {
    for (Mine mine : registrations) {
      if (mine.owner.equals(owner)) {
        mine.forget();
      }
    }
    return options.local.evict(owner, limit);
  }

  /**
   * Says to all nodes that this one takes nothing new, and waits until what is under way, here and
   * at others, has ended. When the limit is over it goes on like {@link
   * LocalMessageBus#drain(Duration)}. The links stay, so that answers can go out; {@link #close()}
   * ends them.
   *
   * @return whether everything ended in time
   */
  @Override
  public boolean drain(Duration limit) {
    long start = options.ticker.getAsLong();
    state = State.DRAINING;
    options.directory.stopping();
    events.drain();
    for (PeerNode node : nodes.values()) {
      PeerLink link = node.link;
      if (link != null) {
        link.sendFirst(link.codec().encode(heartbeatTo(node)));
      }
    }
    boolean idle = options.local.drain(limit);
    long left = limit.toNanos() - (options.ticker.getAsLong() - start);
    idle &= awaitAnswers(Math.max(0, left));
    state = State.CLOSED;
    sender.abandonAll(nodes.values());
    return idle;
  }

  private boolean awaitAnswers(long nanos) {
    long start = options.ticker.getAsLong();
    while (nodes.values().stream().anyMatch(node -> !node.calls.isEmpty() || busy(node))) {
      if (options.ticker.getAsLong() - start >= nanos || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  private static boolean busy(PeerNode node) {
    PeerLink link = node.link;
    return link != null && (node.served.get() > 0 || link.waiting() > 0 || !node.offers.isEmpty());
  }

  /** Ends the links in good order and listens to nothing any more. Called after draining. */
  @Override
  public void close() {
    state = State.CLOSED;
    watches.forEach(Watch::close);
    for (PeerNode node : nodes.values()) {
      PeerLink link = node.link;
      if (link != null) {
        PeerLink.Sending unused = link.send(link.codec().encode(new PeerFrame.Leaving()));
      }
    }
    options.network.close();
    options.directory.close();
    events.close();
  }

  // ---- what only the kernel may
  // ------------------------------------------------------------------

  /**
   * Sends a command or query to one node, whoever else handles it. Nobody else is asked in its
   * place; it fails with {@code UNAVAILABLE} where that node is not in reach.
   */
  @Override
  public CompletionStage<Reply> requestAt(NodeId node, Message message) {
    if (message.kind() == MessageKind.EVENT) {
      throw new IllegalArgumentException("an event is published, not requested: " + message);
    }
    if (node.equals(self)) {
      return kernelView.request(message);
    }
    return refusesOwn(message)
        ? refused(message)
        : sender.send(message, routes.of(message.topic()), node(node));
  }

  /** Tells where a message would go now, and why; changes nothing. */
  public RouteAnswer explain(RouteQuestion question) {
    Route route = routes.of(question.topic());
    RouteExplainer explainer =
        new RouteExplainer(
            options.cluster.placement(),
            options.settings.owners,
            options.settings.preferLocal || route.preferLocal,
            self,
            options.clock.instant(),
            options.settings.copies);
    return options.settings.stayingLocal.test(question.topic())
        ? explainer.here(question.topic(), question.message().affinityKey())
        : explainer.explain(route, question.message());
  }

  /** Makes the routes anew; called when the balancing strategy in force has changed. */
  public void refresh() {
    routes = newRoutes();
  }

  /** Returns the nodes that this one has a link with, sorted. */
  public List<NodeId> linked() {
    return nodes.values().stream()
        .filter(node -> node.link != null)
        .map(node -> node.id)
        .sorted()
        .toList();
  }

  /** Returns how many durable events wait for others, or for this node itself. */
  public int outbox() {
    return events.waiting();
  }

  private Routes newRoutes() {
    Instant now = options.clock.instant();
    List<ClusterNode> active = options.cluster.membership().view().active();
    Instant eldest =
        active.stream().map(ClusterNode::since).min(Comparator.naturalOrder()).orElse(now);
    for (ClusterNode each : active) {
      node(each.id()).signals.active(each.since(), eldest, now, options.ticker.getAsLong());
    }
    Balancing balancing = options.balancing.get();
    return new Routes(
        new Routes.Sources(
            self,
            options.cluster.membership().view(),
            options.directory.snapshot(),
            balancing,
            topic -> assign(balancing, topic),
            options.settings.ownerOnly,
            this::node,
            new Route.Judges(
                options.cluster.health(), options.guard, this::inService, lastResorts)));
  }

  /** Nothing is said of messages that stay here, or go to their key's owner alone. */
  private Optional<Assignment> assign(Balancing balancing, Topic topic) {
    return options.settings.ownerOnly.test(topic) || options.settings.stayingLocal.test(topic)
        ? Optional.empty()
        : affinities.assign(balancing.affinity, topic);
  }

  private Routes routes() {
    return routes;
  }

  /** Returns whether a node is there and does its work, whatever it handles. */
  private boolean inService(NodeId id) {
    return options
            .cluster
            .membership()
            .view()
            .find(id)
            .filter(found -> found.state().takesRequests())
            .isPresent()
        && node(id).inService(options.cluster.health());
  }

  private Route route(Topic topic) {
    return routes.of(topic);
  }

  private PeerNode node(NodeId id) {
    PeerNode known = nodes.get(id);
    return known != null
        ? known
        : nodes.computeIfAbsent(id, made -> new PeerNode(made, made.equals(self)));
  }

  private void membershipChanged() {
    refresh();
    options.network.reach(
        routes.view().members().stream()
            .filter(node -> !node.id().equals(self))
            .flatMap(node -> options.addresses.apply(node).stream())
            .toList());
    events.membershipChanged(routes.view());
  }

  private void sweep() {
    try {
      sender.sweep(nodes.values());
      nodes.values().forEach(offers::sweep);
      long now = options.ticker.getAsLong();
      node(self).signals.said(options.load.get(), now);
      nodes.values().forEach(node -> node.signals.tick(now));
      affinities.tick();
    } catch (RuntimeException e) {
      // The next sweep must come whatever happens to this one.
      LOG.log(System.Logger.Level.WARNING, "sweeping deadlines failed", e);
    }
  }

  /** Ends the requests that are due; the tick does this, and tests with a clock of their own. */
  void sweepDeadlines() {
    sweep();
  }

  private boolean refusesOwn(Message message) {
    State now = state;
    return now == State.CLOSED || now == State.DRAINING && message.causationId().isEmpty();
  }

  private boolean takesFromOthers(Message message) {
    return !refusesOwn(message);
  }

  private static CompletionStage<Reply> refused(Message message) {
    message.content().ifPresent(ContentOffers::close);
    return CompletableFuture.failedFuture(FederationErrors.stopping());
  }

  private CompletionStage<Reply> request(Message message, MessageBus localView) {
    Route route = routes.of(message.topic());
    if (route.localOnly() || options.settings.stayingLocal.test(message.topic())) {
      return localView.request(message);
    }
    if (refusesOwn(message)) {
      return refused(message);
    }
    return sender.route(message, route, localView);
  }

  private PeerFrame.Heartbeat heartbeatTo(PeerNode node) {
    return new PeerFrame.Heartbeat(
        options.incarnation,
        options.load.get(),
        state != State.OPEN,
        options.directory.digestOf(node.id));
  }

  /** What the network tells. */
  private final class Receiver implements PeerNetwork.Receiver {

    @Override
    public void up(PeerLink link) {
      PeerNode node = node(link.peer());
      node.draining = false;
      options.guard.isBack(node.id);
      node.link = link;
      link.sendFirst(link.codec().encode(heartbeatTo(node)));
      events.linkIsUp(node);
    }

    @Override
    public void received(PeerLink link, PeerFrame frame) {
      PeerNode node = node(link.peer());
      if (frame instanceof PeerFrame.Request request) {
        server.serve(node, link, request);
      } else if (frame instanceof PeerFrame.Answer answer) {
        sender.answered(node, link, answer);
      } else if (frame instanceof PeerFrame.Failure failure) {
        sender.failed(node, failure);
      } else if (frame instanceof PeerFrame.Event event) {
        events.received(node, event);
      } else if (frame instanceof PeerFrame.DurableEvent event) {
        events.received(node, event);
      } else if (frame instanceof PeerFrame.Acknowledge acknowledge) {
        events.acknowledged(node, acknowledge);
      } else if (frame instanceof PeerFrame.Heartbeat heartbeat) {
        heard(node, link, heartbeat);
      } else if (frame instanceof PeerFrame.Subscriptions subscriptions) {
        options.directory.accept(node.id, subscriptions.record());
      } else if (frame instanceof PeerFrame.Unwanted unwanted) {
        offers.withdraw(node, unwanted.content());
      } else if (frame instanceof PeerFrame.Leaving) {
        node.draining = true;
      }
    }

    private void heard(PeerNode node, PeerLink link, PeerFrame.Heartbeat heartbeat) {
      node.signals.said(heartbeat.load(), options.ticker.getAsLong());
      node.draining = heartbeat.draining();
      options.feed.accept(
          node.id, new HealthEvidence.Heartbeat(heartbeat.incarnation(), heartbeat.load()));
      options
          .directory
          .compare(node.id, heartbeat.held())
          .ifPresent(
              record -> link.sendFirst(link.codec().encode(new PeerFrame.Subscriptions(record))));
    }

    @Override
    public void down(PeerLink link, String reason, boolean orderly) {
      PeerNode node = node(link.peer());
      boolean mine = node.link == link;
      if (mine) {
        node.link = null;
        node.signals.disconnected();
      }
      // From here on nothing goes there. The rest takes longer than the other links of this event
      // loop should wait, the more so where it is done for the first time.
      try {
        options.callers.execute(() -> settle(node, link, reason, mine && !orderly));
      } catch (RejectedExecutionException e) {
        settle(node, link, reason, mine && !orderly);
      }
    }

    /** Ends what depends on a link that is down, first of all what somebody waits for. */
    private void settle(PeerNode node, PeerLink link, String reason, boolean lost) {
      sender.linkIsDown(node, link, reason);
      offers.linkIsDown(node, link);
      if (lost && node.link == null) {
        options.feed.accept(node.id, new HealthEvidence.Lost(reason));
      }
    }

    @Override
    public Optional<Content> take(PeerLink link, long content) {
      return offers.take(node(link.peer()), link, content);
    }

    @Override
    public PeerFrame.Heartbeat heartbeat(PeerLink link) {
      return heartbeatTo(node(link.peer()));
    }
  }

  /** The bus with an owner's name on what it registers. */
  private final class View implements MessageBus {

    private final String owner;
    private final MessageBus local;

    View(String owner) {
      this.owner = owner;
      this.local = options.local.view(owner);
    }

    @Override
    public CompletionStage<Reply> request(Message message) {
      if (message.kind() == MessageKind.EVENT) {
        throw new IllegalArgumentException("an event is published, not requested: " + message);
      }
      return FederatedMessageBus.this.request(message, local);
    }

    @Override
    public void publish(Message event) {
      if (options.settings.stayingLocal.test(event.topic())) {
        events.publishHere(event, local);
      } else {
        events.publish(event, local);
      }
    }

    @Override
    public Registration handle(Topic topic, HandlerOptions handling, MessageHandler handler) {
      Registration registration = local.handle(topic, handling, handler);
      server.handlerIs(topic, handling);
      if (!options.settings.stayingLocal.test(topic)) {
        options.directory.handle(topic);
        return remember(registration, () -> options.directory.release(topic));
      }
      return registration;
    }

    @Override
    public Registration subscribe(
        TopicPattern pattern, SubscriberOptions listening, EventSubscriber subscriber) {
      Registration registration =
          local.subscribe(pattern, listening, Objects.requireNonNull(subscriber));
      options.directory.hear(pattern);
      return remember(registration, () -> options.directory.leave(pattern));
    }

    private Registration remember(Registration registration, Runnable forget) {
      Mine mine = new Mine(owner, registration, forget);
      registrations.add(mine);
      return mine;
    }
  }
}
