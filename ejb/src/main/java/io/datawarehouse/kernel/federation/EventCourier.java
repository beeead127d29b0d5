package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.ClusterView;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings events to the nodes that hear them. Thread-safe.
 *
 * <p>An event is sent to each of these nodes once and forgotten. A durable one is kept in the
 * {@link Outbox} first, for every node that hears it, this one included, and sent again after every
 * reconnection and restart until the node has acknowledged it: when its subscribers had it, or
 * their dead letters have, and that is on disk there. It is kept as well for a node that is away,
 * stops, or has come back and whose subscribers are not there yet. At most {@value #WINDOW} of them
 * are under way to one node. A node that is gone for good gets a dead letter instead; one that is
 * gone gets it earlier where the outbox is full, so that it does not keep others from publishing.
 * One that has been suspect for long is gone, too.
 */
final class EventCourier implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(EventCourier.class.getName());
  private static final String NODE = "node@";
  private static final int WINDOW = 256;

  /** More than a sender has under way at a time. */
  private static final int MOST_EARLY = 1024;

  private static final long TICK_MILLIS = 250;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final FederatedMessageBus.Options options;
  private final NodeId self;
  private final Supplier<Routes> routes;
  private final Function<NodeId, PeerNode> nodes;
  private final Executor workers;
  private final Outbox outbox;
  private final OwnEvents own;
  private final ArrivingEvents.Surroundings arriving;

  /** Writes events once for all who hear them: the protocol has one version. */
  private final FrameCodec codec;

  private final Map<NodeId, Recipient> recipients = new ConcurrentHashMap<>();

  /** Since when nodes are no members, or suspect for too long, as far as this run has seen. */
  private final Map<NodeId, Instant> goneSince = new ConcurrentHashMap<>();

  /** Since when nodes are suspect, as far as this run has seen. */
  private final Map<NodeId, Instant> suspectSince = new ConcurrentHashMap<>();

  private final Map<NodeId, Sender> senders = new ConcurrentHashMap<>();
  private final Metrics.Counter sent;
  private final Metrics.Counter lost;
  private final Metrics.Counter resent;
  private final Metrics.Counter duplicates;
  private final Metrics.Counter givenUp;
  private final ScheduledFuture<?> tick;
  private volatile boolean draining;
  private volatile boolean closed;

  EventCourier(
      FederatedMessageBus.Options options,
      NodeId self,
      Supplier<Routes> routes,
      Function<NodeId, PeerNode> nodes) {
    this.options = options;
    this.self = self;
    this.routes = routes;
    this.nodes = nodes;
    this.workers = options.workers();
    FederatedMessageBus.Settings settings = options.settings();
    this.outbox =
        new Outbox(
            options.storage(),
            options.codec(),
            options.clock(),
            options.incarnation(),
            settings.outboxEvents(),
            settings.outboxBytes());
    this.codec = new FrameCodec(options.codec(), options.clock());
    this.arriving =
        new ArrivingEvents.Surroundings(
            options.local(), options.storage(), workers, options.timer());
    this.own = new OwnEvents(arriving, self, outbox, options.ticker());
    Metrics metrics = options.metrics();
    sent = metrics.counter("bus.peer.events", "Events sent to other nodes", Map.of());
    lost =
        metrics.counter(
            "bus.peer.events.lost",
            "Events that were not durable and could not be brought to a node",
            Map.of());
    resent = metrics.counter("bus.outbox.resent", "Durable events sent again", Map.of());
    duplicates =
        metrics.counter("bus.events.duplicates", "Durable events that came again", Map.of());
    givenUp =
        metrics.counter(
            "bus.outbox.given.up", "Durable events given up because a node is gone", Map.of());
    metrics.gauge("bus.outbox.waiting", "Durable events that wait", Map.of(), outbox::size);
    for (NodeId target : outbox.targets()) {
      if (!target.equals(self)) {
        recipientOf(target).load(outbox.waitingFor(target));
      }
    }
    this.tick =
        options
            .timer()
            .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Returns whom a dead letter is for that was made instead of bringing an event to a node. */
  static String subscriberOf(NodeId node) {
    return NODE + node;
  }

  /** Returns the node that a dead letter was for, where it was for a node. */
  static Optional<NodeId> nodeOf(String subscriber) {
    return subscriber.startsWith(NODE)
        ? Optional.of(new NodeId(subscriber.substring(NODE.length())))
        : Optional.empty();
  }

  int waiting() {
    return outbox.size();
  }

  /** Hears that the node stops: who leaves from now on is expected back in the next run. */
  void drain() {
    draining = true;
  }

  /**
   * Ends it: nothing durable is taken any more. Called after draining, when plugins have stopped.
   */
  @Override
  public void close() {
    closed = true;
    tick.cancel(false);
  }

  // ---- publishing -------------------------------------------------------------------------------

  void publish(Message event, MessageBus localView) {
    if (!valid(event)) {
      // The local bus refuses what is no event.
      localView.publish(event);
    } else if (event.durable()) {
      keep(Outbox.dated(event, options.clock()), withSelf(routes.get().expectants(event.topic())));
    } else {
      List<PeerNode> audience = routes.get().audience(event.topic());
      // What is too long for others is refused before anybody has it.
      byte[] frame = audience.isEmpty() ? null : frameOf(event);
      // The local bus refuses what comes when the node stops.
      localView.publish(event);
      if (frame != null) {
        audience.forEach(node -> sendTo(node, frame));
      }
    }
  }

  /** Publishes an event that never leaves this node. */
  void publishHere(Message event, MessageBus localView) {
    if (!valid(event) || !event.durable()) {
      localView.publish(event);
    } else {
      // A subscriber that has left because the node stops is back in the next run.
      boolean heard = draining || options.local().hears(event.topic());
      keep(Outbox.dated(event, options.clock()), withSelf(heard ? List.of(self) : List.of()));
    }
  }

  private static boolean valid(Message event) {
    return event.kind() == MessageKind.EVENT && event.content().isEmpty();
  }

  /** Adds this node while its plugins are not all there: nobody knows what they will hear. */
  private Collection<NodeId> withSelf(List<NodeId> expectants) {
    if (own.resumed()) {
      return expectants;
    }
    Set<NodeId> all = new TreeSet<>(expectants);
    all.add(self);
    return all;
  }

  private byte[] frameOf(Message event) {
    byte[] frame = codec.encode(new PeerFrame.Event(Outbox.dated(event, options.clock())));
    if (frame.length > options.settings().mostBytes()) {
      throw FederationErrors.tooLong(event, frame.length, options.settings().mostBytes());
    }
    return frame;
  }

  private void sendTo(PeerNode node, byte[] frame) {
    PeerLink link = node.link;
    boolean taken = link != null && link.send(frame) == PeerLink.Sending.TAKEN;
    (taken ? sent : lost).increment();
  }

  private void keep(Message event, Collection<NodeId> targets) {
    if (closed) {
      throw FederationErrors.stopping();
    }
    if (targets.isEmpty()) {
      return;
    }
    Outbox.Entry entry = outbox.add(event, targets, this::makeRoom);
    try {
      if (targets.contains(self)) {
        own.deliver(entry);
      }
      for (NodeId target : targets) {
        if (!target.equals(self)) {
          recipientOf(target).add(entry);
        }
      }
    } finally {
      outbox.handedOut(entry);
    }
  }

  /** Gives up the oldest events of the node that has been gone for longest; false where none is. */
  private boolean makeRoom() {
    return recipients.values().stream()
        .filter(recipient -> goneSince.containsKey(recipient.node.id) && !recipient.idle())
        .min(
            Comparator.comparing(
                recipient -> goneSince.getOrDefault(recipient.node.id, Instant.MAX)))
        .map(
            recipient ->
                giveUp(
                    recipient.node.id,
                    recipient.removeOldest(WINDOW),
                    "is gone, and too many durable events wait"))
        .orElse(false);
  }

  /** Delivers what an earlier run left for this node's own subscribers, and what came too early. */
  void resume() {
    own.resume();
    senders.values().forEach(Sender::wake);
  }

  /** Sends an event again that was given up; it is durable when the stage completes. */
  CompletionStage<Void> redeliver(Message event, NodeId node) {
    try {
      keep(event.durable() ? event : event.copy().durable().build(), List.of(node));
      return CompletableFuture.completedFuture(null);
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Recipient recipientOf(NodeId node) {
    return recipients.computeIfAbsent(node, id -> new Recipient(nodes.apply(id)));
  }

  /** Sends all again that was under way on an earlier link. */
  void linkIsUp(PeerNode node) {
    Recipient recipient = recipients.get(node.id);
    if (recipient != null) {
      recipient.startAgain();
    }
  }

  void acknowledged(PeerNode node, PeerFrame.Acknowledge acknowledge) {
    Recipient recipient = recipients.get(node.id);
    if (recipient != null) {
      List<Long> numbers = recipient.acknowledged(acknowledge.numbers());
      // The disk is not to be waited for on this thread.
      workers.execute(() -> numbers.forEach(number -> outbox.taken(number, node.id)));
    }
  }

  void membershipChanged(ClusterView view) {
    Instant now = options.clock().instant();
    Set<NodeId> gone = new HashSet<>(recipients.keySet());
    for (ClusterNode node : view.nodes()) {
      if (node.state().member() && !suspectForLong(node, now)) {
        gone.remove(node.id());
      } else {
        gone.add(node.id());
      }
    }
    suspectSince.keySet().removeIf(id -> view.find(id).isEmpty());
    goneSince.keySet().retainAll(gone);
    gone.forEach(id -> goneSince.putIfAbsent(id, now));
  }

  /** Where the membership removes nobody, a node may stay suspect for ever. */
  private boolean suspectForLong(ClusterNode node, Instant now) {
    if (node.state() != NodeState.SUSPECT) {
      suspectSince.remove(node.id());
      return false;
    }
    Instant since = suspectSince.computeIfAbsent(node.id(), id -> now);
    return !since.plus(options.settings().suspectFor()).isAfter(now);
  }

  private void tick() {
    try {
      options.directory().forgetMissed();
      membershipChanged(routes.get().view());
      own.look();
      Instant now = options.clock().instant();
      for (Recipient recipient : recipients.values()) {
        recipient.look();
        Instant since = goneSince.get(recipient.node.id);
        if (since != null
            && !recipient.idle()
            && !since.plus(options.settings().giveUpAfter()).isAfter(now)) {
          workers.execute(
              () ->
                  giveUp(
                      recipient.node.id,
                      recipient.removeOldest(Integer.MAX_VALUE),
                      "has been gone for more than " + options.settings().giveUpAfter()));
        }
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "looking after durable events failed", e);
    }
  }

  /** Makes dead letters of a node's events; returns whether there were any. */
  private boolean giveUp(NodeId node, List<Outbox.Entry> entries, String why) {
    for (Outbox.Entry entry : entries) {
      givenUp.increment();
      options
          .deadLetters()
          .keep(
              entry.event,
              Optional.of(subscriberOf(node)),
              new WarehouseException(StandardErrorCode.UNAVAILABLE, "node " + node + " " + why));
      outbox.taken(entry.number, node);
    }
    return !entries.isEmpty();
  }

  /** What waits for one other node. */
  private final class Recipient {

    private final PeerNode node;

    // All guarded by this.
    private final TreeMap<Long, Outbox.Entry> unsent = new TreeMap<>();
    private final TreeMap<Long, Outbox.Entry> underWay = new TreeMap<>();
    private @Nullable PeerLink sentOn;
    private long lastProgress;

    Recipient(PeerNode node) {
      this.node = node;
    }

    synchronized void load(List<Outbox.Entry> entries) {
      entries.forEach(entry -> unsent.put(entry.number, entry));
    }

    synchronized void add(Outbox.Entry entry) {
      unsent.put(entry.number, entry);
      pump();
    }

    /** Sends all again that was not acknowledged, in order, because the link is a new one. */
    synchronized void startAgain() {
      resent.add(underWay.size());
      unsent.putAll(underWay);
      underWay.clear();
      pump();
    }

    /** Sends what could not be sent before, and all again where no acknowledgement comes. */
    synchronized void look() {
      if (underWay.isEmpty()) {
        pump();
      } else if (options.ticker().getAsLong() - lastProgress > PATIENCE_NANOS) {
        startAgain();
      }
    }

    /** Sends what there is, as far as the window and the link let it. */
    synchronized void pump() {
      PeerLink link = node.link;
      if (link == null) {
        return;
      }
      if (link != sentOn && !underWay.isEmpty()) {
        resent.add(underWay.size());
        unsent.putAll(underWay);
        underWay.clear();
      }
      sentOn = link;
      while (!unsent.isEmpty() && underWay.size() < WINDOW) {
        Outbox.Entry entry = unsent.firstEntry().getValue();
        long floor = Math.min(entry.number, outbox.lowestBeingWritten());
        if (!underWay.isEmpty()) {
          floor = Math.min(floor, underWay.firstKey());
        }
        byte[] frame =
            link.codec().encode(new PeerFrame.DurableEvent(entry.number, floor, entry.event));
        if (link.send(frame) != PeerLink.Sending.TAKEN) {
          return;
        }
        sent.increment();
        if (underWay.isEmpty()) {
          lastProgress = options.ticker().getAsLong();
        }
        unsent.remove(entry.number);
        underWay.put(entry.number, entry);
      }
    }

    synchronized List<Long> acknowledged(List<Long> numbers) {
      List<Long> known = new ArrayList<>();
      for (long number : numbers) {
        boolean sentOnce = underWay.remove(number) != null;
        if (unsent.remove(number) != null || sentOnce) {
          known.add(number);
        }
      }
      lastProgress = options.ticker().getAsLong();
      pump();
      return known;
    }

    synchronized boolean idle() {
      return underWay.isEmpty() && unsent.isEmpty();
    }

    synchronized List<Outbox.Entry> removeOldest(int most) {
      unsent.putAll(underWay);
      underWay.clear();
      List<Outbox.Entry> oldest = new ArrayList<>();
      while (!unsent.isEmpty() && oldest.size() < most) {
        oldest.add(unsent.pollFirstEntry().getValue());
      }
      return oldest;
    }
  }

  // ---- receiving --------------------------------------------------------------------------------

  void received(PeerNode node, PeerFrame.Event frame) {
    if (!senderOf(node).arrivals.take(frame)) {
      lost.increment();
    }
  }

  void received(PeerNode node, PeerFrame.DurableEvent frame) {
    senderOf(node).came(frame);
  }

  private Sender senderOf(PeerNode node) {
    Sender known = senders.get(node.id);
    return known != null ? known : senders.computeIfAbsent(node.id, id -> new Sender(node));
  }

  /** Events of one other node. */
  private final class Sender {

    private final PeerNode node;
    private final ArrivingEvents arrivals;

    // Guarded by this.
    private final Map<Long, PeerFrame.DurableEvent> early = new TreeMap<>();

    Sender(PeerNode node) {
      this.node = node;
      this.arrivals =
          new ArrivingEvents(arriving, node.id, this::acknowledge, duplicates::increment);
    }

    void came(PeerFrame.DurableEvent frame) {
      if (!own.resumed()) {
        // Its subscribers may still be starting; at most a window of events waits for them.
        synchronized (this) {
          if (early.size() < MOST_EARLY) {
            early.put(frame.number(), frame);
          }
        }
        if (own.resumed()) {
          wake();
        }
        return;
      }
      take(frame);
    }

    void wake() {
      List<PeerFrame.DurableEvent> waiting;
      synchronized (this) {
        waiting = new ArrayList<>(early.values());
        early.clear();
      }
      waiting.forEach(this::take);
    }

    private void take(PeerFrame.DurableEvent frame) {
      if (!arrivals.take(frame)) {
        LOG.log(System.Logger.Level.DEBUG, "a durable event of {0} has to come again", node.id);
      }
    }

    private void acknowledge(List<Long> numbers) {
      PeerLink link = node.link;
      if (link != null) {
        PeerLink.Sending unused =
            link.send(link.codec().encode(new PeerFrame.Acknowledge(numbers)));
      }
    }
  }
}
