package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.cluster.NodeRequests;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.kernel.placement.Refusals;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Reply;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Sees that a request that came here by an older table, or while its key moves, is answered all the
 * same: it waits a moment, or goes on to the node that owns the key. Of its content nothing has
 * been read then. Thread-safe; no thread waits.
 *
 * <p>A request goes on only after this node has learnt the latest table, so that each step follows
 * a later agreement and none can go round in a circle.
 */
final class KeyRouting {

  private static final System.Logger LOG = System.getLogger(KeyRouting.class.getName());
  private static final int MOST_WAITING = 8_192;
  private static final int MOST_STEPS = 64;

  /**
   * What routing works with.
   *
   * @param self this node
   * @param ownership who owns what
   * @param nodes how to ask one certain node
   * @param executor answers what had to wait; may refuse
   * @param ticker nanoseconds that only grow
   * @param patience how long a request waits for a key that moves
   */
  record Options(
      NodeId self,
      Ownership ownership,
      NodeRequests nodes,
      Executor executor,
      LongSupplier ticker,
      Duration patience) {}

  private final Options options;
  private final ConcurrentLinkedQueue<Attempt> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  KeyRouting(Options options) {
    this.options = options;
  }

  /**
   * How a request is answered on this node.
   *
   * @param here where this node lets it in
   * @param sure where this node has just learnt that it owns the key
   */
  record Ways(MessageHandler.Synchronous here, MessageHandler.Synchronous sure) {}

  /**
   * Brings a request that was not let in to where it is answered.
   *
   * @throws WarehouseException the refusal itself, where nothing can be done about it
   */
  CompletionStage<Reply> remedy(Message message, BlobKey key, Ways ways, WarehouseException why) {
    Refusals.Remedy remedy = Refusals.remedyOf(why).orElseThrow(() -> why);
    Attempt attempt = new Attempt(message, key, ways, options.ticker.getAsLong());
    attempt.remedy(remedy, why);
    return attempt;
  }

  /** Tries again what waits, and gives up what has waited for too long. */
  void retry() {
    List<Attempt> due = new ArrayList<>();
    for (Attempt next = waiting.poll(); next != null; next = waiting.poll()) {
      count.decrementAndGet();
      due.add(next);
    }
    due.forEach(attempt -> attempt.on(attempt.ways.here));
  }

  /** Fails what waits, because the node stops. */
  void abandon() {
    for (Attempt next = waiting.poll(); next != null; next = waiting.poll()) {
      count.decrementAndGet();
      next.fail(
          new WarehouseException(StandardErrorCode.UNAVAILABLE, "the node is stopping; try again"));
    }
  }

  /** One request on its way to an answer. */
  private final class Attempt extends CompletableFuture<Reply> {

    private final Message message;
    private final BlobKey key;
    private final Ways ways;
    private final long since;
    private int steps;

    Attempt(Message message, BlobKey key, Ways ways, long since) {
      this.message = message;
      this.key = key;
      this.ways = ways;
      this.since = since;
    }

    void remedy(Refusals.Remedy remedy, WarehouseException why) {
      if (remedy == Refusals.Remedy.WAIT) {
        awaitUnlessLate(why);
      } else if (++steps > MOST_STEPS) {
        fail(why);
      } else {
        ask(remedy == Refusals.Remedy.ASK ? ways.sure : ways.here, why);
      }
    }

    /** Only waiting is bounded by patience: who has waited in vain for a key to move follows it. */
    private void awaitUnlessLate(WarehouseException why) {
      boolean late = options.ticker.getAsLong() - since > options.patience.toNanos();
      if (late) {
        fail(why);
      } else if (count.incrementAndGet() > MOST_WAITING) {
        count.decrementAndGet();
        fail(why);
      } else {
        waiting.add(this);
      }
    }

    private void ask(MessageHandler.Synchronous asOwner, WarehouseException why) {
      options
          .ownership
          .refresh()
          .whenComplete(
              (learnt, failure) -> {
                // Not on the thread that agreed: content may have to be read.
                onAnotherThread(
                    () -> {
                      if (failure == null) {
                        proceed(asOwner, why);
                      } else {
                        fail(why);
                      }
                    });
              });
    }

    private void proceed(MessageHandler.Synchronous asOwner, WarehouseException why) {
      Optional<NodeId> owner = options.ownership.owner(key);
      if (owner.isEmpty()) {
        fail(why);
      } else if (owner.get().equals(options.self)) {
        answer(asOwner);
      } else {
        pass(owner.get());
      }
    }

    /** Lets a function answer, on another thread. */
    void on(MessageHandler.Synchronous function) {
      onAnotherThread(() -> answer(function));
    }

    private void onAnotherThread(Runnable work) {
      try {
        options.executor.execute(work);
      } catch (RejectedExecutionException e) {
        fail(
            new WarehouseException(
                StandardErrorCode.UNAVAILABLE, "the node takes no more work now", e));
      }
    }

    private void answer(MessageHandler.Synchronous function) {
      try {
        complete(function.handle(message));
      } catch (WarehouseException e) {
        Optional<Refusals.Remedy> remedy = Refusals.remedyOf(e);
        if (remedy.isPresent()) {
          remedy(remedy.get(), e);
        } else {
          completeExceptionally(e);
        }
      } catch (Exception e) {
        completeExceptionally(e);
      }
    }

    private void pass(NodeId owner) {
      options
          .nodes
          .requestAt(owner, message.copy().causedBy(message).build())
          .whenComplete(
              (reply, failure) -> {
                if (failure == null) {
                  complete(reply);
                } else {
                  completeExceptionally(Stages.unwrapped(failure));
                }
              });
    }

    private void fail(WarehouseException why) {
      message.content().ifPresent(Attempt::close);
      completeExceptionally(why);
    }

    private static void close(Content content) {
      try {
        content.close();
      } catch (UncheckedIOException e) {
        LOG.log(System.Logger.Level.DEBUG, "a content could not be closed", e);
      }
    }
  }
}
