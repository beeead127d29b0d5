package io.datawarehouse.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for stages, never for ever. */
public final class Stages {

  private Stages() {}

  /** Returns what the stage completes with; fails when it fails or takes longer than that. */
  public static <T> T get(CompletionStage<T> stage, Duration limit) {
    try {
      return stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the stage failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the stage did not complete within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for a stage", e);
    }
  }

  /**
   * Returns the code that the stage fails with; fails itself when the stage completes well, with an
   * error that has no code, or takes longer than that.
   */
  public static ErrorCode errorOf(CompletionStage<?> stage, Duration limit) {
    try {
      Object value = stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      throw new AssertionError("the stage should have failed, it completed with " + value);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(WarehouseException.class);
      return ((WarehouseException) e.getCause()).code();
    } catch (TimeoutException e) {
      throw new AssertionError("the stage did not complete within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for a stage", e);
    }
  }
}
