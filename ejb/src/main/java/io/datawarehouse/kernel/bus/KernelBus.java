package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageBus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The bus as the kernel works with it, inside one process or over many nodes. Thread-safe. */
public interface KernelBus {

  /** Returns the bus as one owner sees it: what it registers carries its name. */
  MessageBus view(String owner);

  /** Returns all topics and patterns that somebody on this node handles or hears, sorted. */
  List<TopicStatus> topics();

  /** Delivers an event again to the one subscription of this node that missed it. */
  CompletionStage<Void> redeliver(Message event, String subscriber);

  /** Sends a command again that was a dead letter; nothing becomes a dead letter this time. */
  CompletionStage<Void> resend(Message command);

  /**
   * Takes an owner off the bus: its handlers and subscriptions get nothing new, and what they work
   * on ends, or the limit is over.
   *
   * @return whether everything ended
   */
  boolean evict(String owner, Duration limit);

  /**
   * Refuses new messages and waits until those under way, and what follows from them, have ended,
   * or the limit is over.
   *
   * @return whether everything ended in time
   */
  boolean drain(Duration limit);
}
