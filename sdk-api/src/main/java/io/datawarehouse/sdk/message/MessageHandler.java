package io.datawarehouse.sdk.message;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers the commands or queries of one topic.
 *
 * <p>Thread rules are those of its {@link HandlerOptions}. MUST: (1) close the message's content,
 * or pass that very object on as the content of its reply; (2) complete the stage, with a reply or
 * an exception; (3) not block on the bus from a handler that runs on the caller's thread; one that
 * runs on a worker may wait for the stage of another request, and another worker takes its place. A
 * thrown exception counts as an answer: a {@code WarehouseException} reaches the caller as it is,
 * anything else as {@code HANDLER_FAILED}.
 */
@FunctionalInterface
public interface MessageHandler {

  /** Answers one message. */
  CompletionStage<Reply> handle(Message message) throws Exception;

  /** Answers one message at once. */
  @FunctionalInterface
  interface Synchronous {
    /** Returns the answer. */
    Reply handle(Message message) throws Exception;
  }

  /** Makes a handler of a function that answers before it returns. */
  static MessageHandler sync(Synchronous function) {
    return message -> CompletableFuture.completedFuture(function.handle(message));
  }
}
