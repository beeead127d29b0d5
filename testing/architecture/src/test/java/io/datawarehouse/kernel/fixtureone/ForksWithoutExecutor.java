package io.datawarehouse.kernel.fixtureone;

import java.util.concurrent.CompletableFuture;

/** A core that forks to the common pool. */
public final class ForksWithoutExecutor {
  public CompletableFuture<Void> fork(Runnable task) {
    return CompletableFuture.runAsync(task);
  }
}
