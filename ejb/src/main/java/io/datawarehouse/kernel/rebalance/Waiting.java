package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for stages on threads that may wait. */
final class Waiting {

  private Waiting() {}

  /** Returns what the stage completes with, or throws its error as one of ours. */
  static <T> T on(CompletionStage<T> stage, Duration limit) {
    try {
      return stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "there was no answer within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted while waiting", e);
    }
  }

  static WarehouseException unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof WarehouseException known
        ? known
        : new WarehouseException(
            StandardErrorCode.UNAVAILABLE, "there was no answer: " + cause, cause);
  }
}
