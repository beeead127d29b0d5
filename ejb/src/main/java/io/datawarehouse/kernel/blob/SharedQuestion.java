package io.datawarehouse.kernel.blob;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A question that costs something, however many ask it: one is under way at a time, and all who ask
 * meanwhile share the next, so that each answer was asked for after its question. Thread-safe.
 */
final class SharedQuestion<T> {

  private final Supplier<CompletionStage<T>> asking;

  // Guarded by this.
  private boolean underWay;
  private @Nullable CompletableFuture<T> next;

  SharedQuestion(Supplier<CompletionStage<T>> asking) {
    this.asking = asking;
  }

  CompletionStage<T> ask() {
    CompletableFuture<T> answer;
    synchronized (this) {
      if (next != null) {
        return next;
      }
      answer = new CompletableFuture<>();
      if (underWay) {
        next = answer;
        return answer;
      }
      underWay = true;
    }
    begin(answer);
    return answer;
  }

  private void begin(CompletableFuture<T> answer) {
    asking
        .get()
        .whenComplete(
            (given, failure) -> {
              proceed();
              if (failure == null) {
                answer.complete(given);
              } else {
                answer.completeExceptionally(failure);
              }
            });
  }

  private void proceed() {
    CompletableFuture<T> waiting;
    synchronized (this) {
      waiting = next;
      next = null;
      underWay = waiting != null;
    }
    if (waiting != null) {
      begin(waiting);
    }
  }
}
