package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way to all its subscribers, of which somebody wants to know how it ends.
 * Thread-safe.
 *
 * <p>A durable event that still waits when the node stops comes again in the next run, where none
 * of its subscribers has taken it. Where some have, it would come a second time for these, so it
 * becomes a dead letter of the others. Who only watches, and who has gone, does not count: for
 * their sake nobody waits for a dead letter instead of the event.
 */
final class EventDelivery {

  private final Message event;
  private final DeadLetterSink deadLetters;
  private final CompletableFuture<Void> result = new CompletableFuture<>();

  // All guarded by this.
  private int left;
  private boolean taken;
  private final List<String> abandoned = new ArrayList<>();
  private @Nullable WarehouseException reason;

  EventDelivery(Message event, int subscribers, DeadLetterSink deadLetters) {
    this.event = event;
    this.deadLetters = deadLetters;
    this.left = subscribers;
    if (subscribers == 0) {
      result.complete(null);
    }
  }

  /**
   * Returns a stage that completes when all subscribers are done with the event, and fails where
   * none of them will be.
   */
  CompletionStage<Void> result() {
    return result;
  }

  /** A subscriber has taken the event, or a dead letter has it for that one. */
  void taken() {
    boolean last;
    synchronized (this) {
      taken = true;
      last = --left == 0;
    }
    if (last) {
      settle();
    }
  }

  /** One whom no event is kept for is done with this one: it only watches, or it has gone. */
  void ended() {
    boolean last;
    synchronized (this) {
      last = --left == 0;
    }
    if (last) {
      settle();
    }
  }

  /** A subscriber did not get to the event before the node stopped. */
  void abandoned(String subscriber, WarehouseException why) {
    boolean last;
    synchronized (this) {
      abandoned.add(subscriber);
      reason = why;
      last = --left == 0;
    }
    if (last) {
      settle();
    }
  }

  /** Called once, by the last of the subscribers. */
  private void settle() {
    List<String> missed;
    WarehouseException why;
    boolean again;
    synchronized (this) {
      missed = List.copyOf(abandoned);
      why = reason;
      again = !taken;
    }
    if (why == null) {
      result.complete(null);
    } else if (again) {
      result.completeExceptionally(why);
    } else {
      missed.forEach(subscriber -> deadLetters.keep(event, Optional.of(subscriber), why));
      result.complete(null);
    }
  }
}
