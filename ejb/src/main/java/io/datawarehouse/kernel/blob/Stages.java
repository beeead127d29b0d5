package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for stages on threads that may wait. */
final class Stages {

  /** What a stage that promises to end in time may take beyond it. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private Stages() {}

  /**
   * Returns what the stage completes with, or throws its error as it is.
   *
   * @param limit within which the stage promises to complete
   */
  static <T> T await(CompletionStage<T> stage, Duration limit) {
    try {
      return stage.toCompletableFuture().get(limit.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unwrapped(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "the cluster did not answer within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while waiting for the cluster", e);
    }
  }

  /** Returns the error that a stage failed with, as one of ours. */
  static WarehouseException unwrapped(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof WarehouseException known
        ? known
        : new WarehouseException(
            StandardErrorCode.UNAVAILABLE, "the cluster could not answer: " + cause, cause);
  }
}
