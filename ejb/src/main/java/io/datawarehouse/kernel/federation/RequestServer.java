package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.EncodedFrame;
import io.datawarehouse.kernel.peer.PeerErrors;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerFrame.ContentOffer;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.metric.Metrics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of other nodes. Thread-safe; called on the transport's threads.
 *
 * <p>A handler that runs on workers gets its message from here as from anywhere. One that runs on
 * its caller's thread may block it, and the transport's must not be: it runs there only while it
 * has been quick lately ({@link Pace}) and gets no content; else on a thread for callers, or, where
 * order matters, through its lane on a worker. One that gets content may be kept by a slow sender
 * for as long as that likes: it has a thread for contents instead.
 */
final class RequestServer {

  private static final System.Logger LOG = System.getLogger(RequestServer.class.getName());

  private final FederatedMessageBus.Options options;
  private final ContentOffers offers;
  private final Executor contents;
  private final Predicate<Message> takes;
  private final Map<Topic, Served> handlers = new ConcurrentHashMap<>();
  private final Metrics.Counter served;

  /** How a handler on this node wants to be run, and how quick it is. */
  private record Served(HandlerOptions options, Pace pace) {}

  RequestServer(
      FederatedMessageBus.Options options,
      ContentOffers offers,
      Executor contents,
      Predicate<Message> takes) {
    this.options = options;
    this.offers = offers;
    this.contents = contents;
    this.takes = takes;
    this.served =
        options
            .metrics()
            .counter("bus.peer.served", "Requests of other nodes that came here", Map.of());
  }

  /** Remembers how the handler of a topic is run. */
  void handlerIs(Topic topic, HandlerOptions handling) {
    // What owners alone answer reads disks: it is never quick for certain.
    boolean mayBeQuick = !options.settings().ownerOnly().test(topic);
    handlers.put(topic, new Served(handling, new Pace(options.ticker(), mayBeQuick)));
  }

  void serve(PeerNode node, PeerLink link, PeerFrame.Request request) {
    served.increment();
    Message message = request.message();
    ContentOffer offer = request.content();
    if (offer != null) {
      message = message.copy().content(ContentOffers.received(link, offer)).build();
    }
    WarehouseException refusal = refusal(node, message);
    if (refusal != null) {
      message.content().ifPresent(ContentOffers::close);
      fail(link, request.call(), true, refusal);
      return;
    }
    node.served.incrementAndGet();
    try {
      serve(node, link, request.call(), message);
    } catch (RuntimeException e) {
      // The bus takes nothing any more; whoever waits must hear of it.
      node.served.decrementAndGet();
      message.content().ifPresent(ContentOffers::close);
      fail(link, request.call(), false, errorOf(e));
    }
  }

  private void serve(PeerNode node, PeerLink link, long call, Message message) {
    Served handler = handlers.get(message.topic());
    if (handler == null || handler.options.execution() == Execution.WORKER) {
      answer(node, link, call, options.local().deliver(message, false));
    } else if (message.content().isEmpty() && handler.pace.quick()) {
      onThisThread(node, link, call, message, handler.pace);
    } else if (handler.options.ordering() == Ordering.UNORDERED) {
      onCaller(node, link, call, message, handler.pace);
    } else {
      answer(node, link, call, options.local().deliver(message, true));
    }
  }

  /** Returns why no handler is to see the message; null where one is. */
  private @Nullable WarehouseException refusal(PeerNode node, Message message) {
    if (!takes.test(message)) {
      return FederationErrors.stopping();
    }
    if (!options.local().handles(message.topic())) {
      return FederationErrors.noHandler(message.topic());
    }
    int most = options.settings().mostServed();
    return node.served.get() >= most ? FederationErrors.tooManyServed(most) : null;
  }

  private void onThisThread(PeerNode node, PeerLink link, long call, Message message, Pace pace) {
    long begin = pace.begin();
    CompletionStage<Reply> answer = options.local().deliver(message, false);
    pace.end(begin);
    answer(node, link, call, answer);
  }

  private void onCaller(PeerNode node, PeerLink link, long call, Message message, Pace pace) {
    Executor threads = message.content().isPresent() ? contents : options.callers();
    try {
      threads.execute(
          () -> {
            long begin = pace.begin();
            CompletionStage<Reply> answer = options.local().deliver(message, false);
            pace.end(begin);
            answer(node, link, call, answer);
          });
    } catch (RejectedExecutionException e) {
      node.served.decrementAndGet();
      message.content().ifPresent(ContentOffers::close);
      fail(link, call, true, FederationErrors.tooManyCallers());
    }
  }

  private void answer(PeerNode node, PeerLink link, long call, CompletionStage<Reply> answer) {
    if (answer instanceof CompletableFuture<Reply> future
        && future.isDone()
        && !future.isCompletedExceptionally()) {
      reply(node, link, call, future.join());
      return;
    }
    answer.whenComplete(
        (reply, thrown) -> {
          if (thrown == null) {
            reply(node, link, call, reply);
          } else {
            node.served.decrementAndGet();
            fail(link, call, false, errorOf(thrown));
          }
        });
  }

  private void reply(PeerNode node, PeerLink link, long call, Reply reply) {
    ContentOffer offer = null;
    try {
      Content content = reply.content().orElse(null);
      offer = content == null ? null : offers.offer(node, link, content, true);
      NodeId by = reply.handledBy().orElse(null);
      NodeId self = options.cluster().localNodeId();
      EncodedFrame frame =
          link.codec()
              .answer(
                  new PeerFrame.Answer(call, reply.payload(), self.equals(by) ? null : by, offer));
      if (frame.length() > options.settings().mostBytes()) {
        throw new WarehouseException(
            StandardErrorCode.TOO_LARGE,
            "a reply of "
                + frame.length()
                + " bytes is longer than "
                + options.settings().mostBytes()
                + "; large content travels beside it");
      }
      if (link.send(frame) != PeerLink.Sending.TAKEN) {
        withdraw(node, offer);
        fail(link, call, false, FederationErrors.queueFull(node.id));
      } else if (offer != null && node.link != link) {
        withdraw(node, offer);
      }
    } catch (RuntimeException e) {
      withdraw(node, offer);
      fail(link, call, false, errorOf(e));
    } finally {
      node.served.decrementAndGet();
    }
  }

  private void withdraw(PeerNode node, @Nullable ContentOffer offer) {
    if (offer != null) {
      offers.withdraw(node, offer.number());
    }
  }

  /** Says that a request failed; first of all, so that also a full queue lets it through. */
  private static void fail(PeerLink link, long call, boolean untouched, WarehouseException error) {
    link.sendFirst(
        link.codec().encode(new PeerFrame.Failure(call, untouched, PeerErrors.textOf(error))));
  }

  private static WarehouseException errorOf(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (cause instanceof WarehouseException known) {
      return known;
    }
    LOG.log(System.Logger.Level.WARNING, "a request of another node failed", cause);
    return new WarehouseException(
        StandardErrorCode.INTERNAL_ERROR, "the request failed at the node that had it", cause);
  }
}
