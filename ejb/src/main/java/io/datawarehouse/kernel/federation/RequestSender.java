package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.Affinity;
import io.datawarehouse.kernel.peer.EncodedFrame;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerFrame.ContentOffer;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.HealthEvidence;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to other nodes and sees that each of them ends, one way or another. Thread-safe.
 */
final class RequestSender {

  /** Which share of the bus's timeout a node must have had before a timeout is held against it. */
  private static final int FAIR_SHARE = 10;

  private static final long TELL_HEALTH_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final FederatedMessageBus.Options options;
  private final FederatedMessageBus.Settings settings;
  private final ContentOffers offers;
  private final Function<Topic, Route> routes;
  private final AtomicLong numbers = new AtomicLong();

  /** The earliest deadline of what is under way, in milliseconds, or earlier. */
  private final AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);

  private final Metrics.Counter sent;
  private final Metrics.Counter retried;
  private final Metrics.Counter broken;
  private final Metrics.Timer latency;

  RequestSender(
      FederatedMessageBus.Options options, ContentOffers offers, Function<Topic, Route> routes) {
    this.options = options;
    this.settings = options.settings();
    this.offers = offers;
    this.routes = routes;
    Metrics metrics = options.metrics();
    sent = metrics.counter("bus.peer.requests", "Requests sent to other nodes", Map.of());
    retried =
        metrics.counter("bus.peer.retries", "Requests that were sent to another node", Map.of());
    broken =
        metrics.counter("bus.peer.broken", "Requests that failed because a link broke", Map.of());
    latency = metrics.timer("bus.peer.latency", "Time of an answer of another node", Map.of());
  }

  // ---- choosing ---------------------------------------------------------------------------------

  /** Sends a message where its route says: to another node, or to this one after all. */
  CompletionStage<Reply> route(Message message, Route route, MessageBus localView) {
    String key = route.ownerOnly ? message.affinityKey().orElse(null) : null;
    if (key != null && !settings.owners().knows(key)) {
      return settings
          .owners()
          .learn(key)
          .handle((known, failure) -> failure)
          .thenCompose(failure -> routeKnown(message, route, localView));
    }
    return routeKnown(message, route, localView);
  }

  private CompletionStage<Reply> routeKnown(Message message, Route route, MessageBus localView) {
    PeerNode node;
    try {
      node = choose(message, route, null);
    } catch (WarehouseException e) {
      return refuse(message, e);
    }
    return node.local ? here(message, node, localView) : send(message, node, null);
  }

  /** Sends a message that is for no view: to one node, or where its route says. */
  CompletionStage<Reply> send(Message message, Route route, @Nullable PeerNode only) {
    try {
      PeerNode node = only == null ? choose(message, route, null) : only;
      return node.local
          ? options.local().deliver(message, false)
          : send(message, node, only == null ? null : only.id);
    } catch (WarehouseException e) {
      return refuse(message, e);
    }
  }

  private CompletionStage<Reply> here(Message message, PeerNode node, MessageBus localView) {
    long begin = options.ticker().getAsLong();
    node.inFlight.incrementAndGet();
    CompletionStage<Reply> answer;
    try {
      answer = localView.request(message);
    } catch (RuntimeException | Error e) {
      node.inFlight.decrementAndGet();
      throw e;
    }
    if (answer instanceof CompletableFuture<Reply> future && future.isDone()) {
      answeredHere(node, begin);
      return answer;
    }
    answer.whenComplete((reply, thrown) -> answeredHere(node, begin));
    return answer;
  }

  private void answeredHere(PeerNode node, long begin) {
    long now = options.ticker().getAsLong();
    node.inFlight.decrementAndGet();
    node.signals.answered(now - begin, now);
  }

  private PeerNode choose(Message message, Route route, @Nullable RemoteCall call) {
    PeerNode node;
    Optional<String> key = message.affinityKey();
    if (key.isPresent()) {
      node = keyed(key.get(), route, call);
    } else {
      Affinity affinity = route.affinity;
      String shared = affinity == null ? null : affinity.keyOf(message);
      node =
          affinity == null || shared == null
              ? route.balanced(settings.preferLocal() || route.preferLocal, call)
              : Company.choose(route, affinity, shared, options.cluster().placement(), call);
    }
    if (node == null) {
      throw nobody(route, call);
    }
    return node;
  }

  private static WarehouseException nobody(Route route, @Nullable RemoteCall call) {
    if (route.size() == 0) {
      return FederationErrors.noHandler(route.topic);
    }
    WarehouseException refused = route.refusal(call);
    return refused == null ? FederationErrors.noneInReach(route.topic) : refused;
  }

  private @Nullable PeerNode keyed(String key, Route route, @Nullable RemoteCall call) {
    Placement placement = options.cluster().placement();
    if (!route.ownerOnly) {
      return Company.byHash(route, key, placement, call);
    }
    PeerNode holder =
        call == null && settings.copies().answer(route.topic, key) ? route.here() : null;
    if (holder != null) {
      return holder;
    }
    NodeId owner = settings.owners().owner(key, placement);
    PeerNode node = route.owner(owner);
    if (node == null || call != null && call.avoids(node.id)) {
      throw FederationErrors.ownerAway(owner, route.topic);
    }
    WarehouseException refused = route.refusalOf(node);
    if (refused != null) {
      throw refused;
    }
    return node;
  }

  private static CompletionStage<Reply> refuse(Message message, WarehouseException why) {
    message.content().ifPresent(ContentOffers::close);
    return CompletableFuture.failedFuture(why);
  }

  // ---- sending ----------------------------------------------------------------------------------

  private CompletionStage<Reply> send(Message message, PeerNode node, @Nullable NodeId only) {
    Instant now = options.clock().instant();
    Instant deadline = deadlineOf(message, now);
    if (deadline != null && !now.isBefore(deadline)) {
      return refuse(message, FederationErrors.timeout(message, ""));
    }
    RemoteCall call = new RemoteCall(message, deadline, only);
    send(call, node, now);
    return call;
  }

  private @Nullable Instant deadlineOf(Message message, Instant now) {
    Instant given = message.deadline().orElse(null);
    if (message.timeout().isPresent()) {
      Instant wanted = now.plus(message.timeout().get());
      return given == null || wanted.isBefore(given) ? wanted : given;
    }
    return given == null && message.content().isEmpty() ? now.plus(settings.timeout()) : given;
  }

  private void send(RemoteCall call, PeerNode node, Instant now) {
    PeerLink link = node.link;
    if (link == null) {
      elsewhere(call, node, PeerErrors.unreachable(node.id, "there is no link with it"));
      return;
    }
    EncodedFrame frame;
    try {
      call.permit = options.guard().enter(node.id, call.message.topic());
    } catch (WarehouseException e) {
      elsewhere(call, node, e);
      return;
    }
    call.number = numbers.incrementAndGet();
    call.link = link;
    call.attempts++;
    try {
      frame = encode(call, node, link, now);
    } catch (WarehouseException e) {
      end(call, node, e);
      return;
    }
    call.sentAt = options.ticker().getAsLong();
    node.inFlight.incrementAndGet();
    node.calls.put(call.number, call);
    watch(call);
    PeerLink.Sending sending = link.send(frame);
    if (sending == PeerLink.Sending.TAKEN) {
      sent.increment();
      if (node.link != link) {
        // It went down meanwhile, perhaps before this call was there to be told.
        breakOffAlone(node, call, PeerErrors.unreachable(node.id, "the link with it broke"), false);
      }
    } else if (node.calls.remove(call.number, call)) {
      node.inFlight.decrementAndGet();
      cancelled(call);
      if (sending == PeerLink.Sending.FULL) {
        end(call, node, FederationErrors.queueFull(node.id));
      } else {
        elsewhere(call, node, PeerErrors.unreachable(node.id, "the link with it broke"));
      }
    }
  }

  private EncodedFrame encode(RemoteCall call, PeerNode node, PeerLink link, Instant now) {
    ContentOffer offer = null;
    if (call.message.content().isPresent()) {
      Content content = call.message.content().get();
      offer = offers.offer(node, link, content, false);
      call.offered = offer.number();
    }
    EncodedFrame frame = link.codec().request(call.number, call.message, call.deadline, now, offer);
    if (frame.length() > settings.mostBytes()) {
      throw FederationErrors.tooLong(call.message, frame.length(), settings.mostBytes());
    }
    return frame;
  }

  private void watch(RemoteCall call) {
    Instant deadline = call.deadline;
    if (deadline != null) {
      long at = deadline.getEpochSecond() * 1_000 + deadline.getNano() / 1_000_000;
      if (at < earliest.get()) {
        earliest.accumulateAndGet(at, Math::min);
      }
    }
  }

  /** Tries another node for a request that no handler has seen. */
  private void elsewhere(RemoteCall call, PeerNode node, WarehouseException why) {
    Message message = call.message;
    Optional<Content> unread = offers.reclaim(node, call.offered);
    boolean contentGone = message.content().isPresent() && call.attempts > 0 && unread.isEmpty();
    call.avoid(node.id);
    if (call.only != null || contentGone || call.attempts > settings.retries()) {
      unread.ifPresent(ContentOffers::close);
      end(call, node, why);
      return;
    }
    call.offered = 0;
    PeerNode next;
    try {
      next = choose(message, routes.apply(message.topic()), call);
    } catch (WarehouseException e) {
      message.content().ifPresent(ContentOffers::close);
      boolean away = e.code() == StandardErrorCode.OWNER_UNAVAILABLE && !isRefusal(why);
      end(call, node, away ? e : why);
      return;
    }
    retried.increment();
    if (next.local) {
      options
          .local()
          .deliver(message, true)
          .whenComplete(
              (reply, thrown) -> {
                if (thrown == null) {
                  finish(call, reply);
                } else {
                  call.completeExceptionally(thrown);
                }
              });
    } else {
      send(call, next, options.clock().instant());
    }
  }

  /** Returns whether this node's own guard let nothing through: the other one is not away. */
  private static boolean isRefusal(WarehouseException why) {
    return why.code() == StandardErrorCode.CIRCUIT_OPEN
        || why.code() == StandardErrorCode.BULKHEAD_FULL;
  }

  // ---- ending -----------------------------------------------------------------------------------

  /** Ends the call that was answered. */
  void answered(PeerNode node, PeerLink link, PeerFrame.Answer answer) {
    RemoteCall call = node.calls.remove(answer.call());
    ContentOffer content = answer.content();
    if (call == null) {
      drop(link, content);
      return;
    }
    long nanos = took(node, call);
    succeeded(call, nanos);
    if (content == null) {
      // The handler is done with what it was given, read to the end or not.
      offers.withdraw(node, call.offered);
    }
    Reply reply =
        content == null
            ? Reply.of(answer.payload())
            : Reply.of(answer.payload(), ContentOffers.received(link, content));
    NodeId by = answer.handledBy();
    finish(call, reply.delivered(by == null ? node.id : by, options.codec()));
  }

  private static void finish(RemoteCall call, Reply reply) {
    if (!call.complete(reply)) {
      reply.content().ifPresent(ContentOffers::close);
    }
  }

  private static void drop(PeerLink link, @Nullable ContentOffer content) {
    if (content != null && content.number() != 0) {
      PeerLink.Sending unused =
          link.send(link.codec().encode(new PeerFrame.Unwanted(content.number())));
    }
  }

  /** Ends the call that failed. */
  void failed(PeerNode node, PeerFrame.Failure failure) {
    RemoteCall call = node.calls.remove(failure.call());
    if (call == null) {
      return;
    }
    long nanos = took(node, call);
    WarehouseException error = PeerErrors.errorOf(failure.error());
    boolean full = error.code() == StandardErrorCode.BULKHEAD_FULL;
    if (failure.untouched() && !full) {
      cancelled(call);
      elsewhere(call, node, error);
      return;
    }
    WarehouseException fault = PeerGuard.fault(error);
    if (fault == null) {
      succeeded(call, nanos);
    } else if (error.code() == StandardErrorCode.TIMEOUT && !hadTime(call, nanos)) {
      cancelled(call);
    } else {
      failed(call, fault, nanos);
    }
    end(call, node, error);
  }

  private long took(PeerNode node, RemoteCall call) {
    long now = options.ticker().getAsLong();
    long nanos = now - call.sentAt;
    node.inFlight.decrementAndGet();
    node.signals.answered(nanos, now);
    latency.record(nanos);
    tell(node, nanos, now);
    return nanos;
  }

  /** Tells the health monitor of an answer, often enough and not more. */
  private void tell(PeerNode node, long nanos, long now) {
    long told = node.toldAt.get();
    if (now - told > TELL_HEALTH_NANOS && node.toldAt.compareAndSet(told, now)) {
      options.feed().accept(node.id, new HealthEvidence.Answered(Duration.ofNanos(nanos)));
    }
  }

  private void end(RemoteCall call, PeerNode node, WarehouseException why) {
    cancelled(call);
    if (call.offered != 0) {
      offers.withdraw(node, call.offered);
    } else {
      call.message.content().ifPresent(ContentOffers::close);
    }
    call.completeExceptionally(why);
  }

  private static void succeeded(RemoteCall call, long nanos) {
    PeerGuard.Permit permit = call.permit;
    call.permit = null;
    if (permit != null) {
      permit.success(nanos);
    }
  }

  private static void failed(RemoteCall call, WarehouseException why, long nanos) {
    PeerGuard.Permit permit = call.permit;
    call.permit = null;
    if (permit != null) {
      permit.failure(why, nanos);
    }
  }

  private static void cancelled(RemoteCall call) {
    PeerGuard.Permit permit = call.permit;
    call.permit = null;
    if (permit != null) {
      permit.cancelled();
    }
  }

  /**
   * Ends what was under way on a link that is down, or sees that it is sent again; the guard is
   * told when all of it is done.
   */
  void linkIsDown(PeerNode node, PeerLink link, String reason) {
    List<Broken> all = new ArrayList<>();
    for (RemoteCall call : new ArrayList<>(node.calls.values())) {
      if (call.link == link) {
        WarehouseException why =
            PeerErrors.unreachable(node.id, "the link with it broke (" + reason + ")");
        Broken one = breakOff(node, call, why, false);
        if (one != null) {
          all.add(one);
        }
      }
    }
    all.forEach(Broken::tell);
  }

  /** A call that broke off, of which the guard does not know yet. */
  private record Broken(PeerGuard.Permit permit, WarehouseException why, long nanos) {
    void tell() {
      permit.failure(why, nanos);
    }
  }

  /** Takes a call off a node; returns what the guard is to be told of that. */
  private @Nullable Broken breakOff(
      PeerNode node, RemoteCall call, WarehouseException why, boolean stopping) {
    if (!node.calls.remove(call.number, call)) {
      return null;
    }
    node.inFlight.decrementAndGet();
    PeerGuard.Permit permit = call.permit;
    call.permit = null;
    Broken told =
        permit == null ? null : new Broken(permit, why, options.ticker().getAsLong() - call.sentAt);
    settle(node, call, why, stopping);
    return told;
  }

  /** Sends a call that broke off again, after a pause, or ends it. */
  private void settle(PeerNode node, RemoteCall call, WarehouseException why, boolean stopping) {
    broken.increment();
    boolean again =
        !stopping
            && call.only == null
            && call.message.idempotent()
            && call.attempts <= settings.retries();
    if (!again) {
      end(call, node, why);
      return;
    }
    call.avoid(node.id);
    long most = settings.retryPause().toMillis() << Math.min(10, call.attempts - 1);
    long pause = most / 2 + options.random().nextLong(most / 2 + 1);
    try {
      var unused =
          options.timer().schedule(() -> again(call, node, why), pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      end(call, node, why);
    }
  }

  private void breakOffAlone(
      PeerNode node, RemoteCall call, WarehouseException why, boolean stopping) {
    Broken one = breakOff(node, call, why, stopping);
    if (one != null) {
      one.tell();
    }
  }

  /** Sends a request again that may be handled twice. */
  private void again(RemoteCall call, PeerNode before, WarehouseException why) {
    Instant deadline = call.deadline;
    if (deadline != null && !options.clock().instant().isBefore(deadline)) {
      end(call, before, FederationErrors.timeout(call.message, ""));
    } else {
      elsewhere(call, before, why);
    }
  }

  /** A call whose deadline has passed. */
  private record Due(PeerNode node, RemoteCall call) {}

  /** Ends the calls whose deadline has passed. */
  void sweep(Collection<PeerNode> nodes) {
    Instant now = options.clock().instant();
    if (now.toEpochMilli() < earliest.get()) {
      return;
    }
    earliest.set(Long.MAX_VALUE);
    List<Due> due = new ArrayList<>();
    for (PeerNode node : nodes) {
      for (RemoteCall call : node.calls.values()) {
        Instant deadline = call.deadline;
        if (deadline == null) {
          continue;
        }
        if (now.isBefore(deadline)) {
          watch(call);
        } else {
          due.add(new Due(node, call));
        }
      }
    }
    for (Due late : due) {
      if (late.node.calls.remove(late.call.number, late.call)) {
        expire(late.call, late.node);
      }
    }
  }

  private void expire(RemoteCall call, PeerNode node) {
    node.inFlight.decrementAndGet();
    long nanos = options.ticker().getAsLong() - call.sentAt;
    WarehouseException why = FederationErrors.timeout(call.message, " from node " + node.id);
    if (!hadTime(call, nanos)) {
      end(call, node, why);
      return;
    }
    failed(call, why, nanos);
    options
        .feed()
        .accept(
            node.id,
            new HealthEvidence.Failed(
                "no answer on '"
                    + call.message.topic()
                    + "' within "
                    + Duration.ofNanos(nanos).toMillis()
                    + " ms"));
    end(call, node, why);
  }

  /**
   * Returns whether a node was given enough time for a timeout to say something about it: at least
   * a {@value #FAIR_SHARE}th of the bus's own. With less it is the caller who was in a hurry.
   */
  private boolean hadTime(RemoteCall call, long nanos) {
    Instant deadline = call.deadline;
    return deadline == null
        || !options
            .clock()
            .instant()
            .minusNanos(nanos)
            .plus(settings.timeout().dividedBy(FAIR_SHARE))
            .isAfter(deadline);
  }

  /** Fails all that is still under way, because the node stops. */
  void abandonAll(Collection<PeerNode> nodes) {
    for (PeerNode node : nodes) {
      for (RemoteCall call : new ArrayList<>(node.calls.values())) {
        breakOffAlone(node, call, FederationErrors.stopping(), true);
      }
    }
  }
}
