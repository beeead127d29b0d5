package io.datawarehouse.kernel.balance;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** What operators set for a whole cluster: one entry that a majority agrees on. Thread-safe. */
public final class AgreedOrders implements OperatorOrders, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(AgreedOrders.class.getName());
  private static final RegistryEntry.Address ADDRESS =
      new RegistryEntry.Address("settings", "load-balancing");
  private static final int ATTEMPTS = 10;

  /** What is set, and the version of its entry. */
  private record Agreed(StandingOrders orders, long version) {}

  private final ClusterCoordinator coordinator;
  private final Duration limit;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Watch watch;
  private volatile Agreed agreed = new Agreed(StandingOrders.NONE, ClusterCommand.ABSENT);

  /**
   * Takes over what was agreed on, and whatever will be.
   *
   * @param limit how long an agreement may take
   */
  public AgreedOrders(ClusterCoordinator coordinator, Duration limit) {
    this.coordinator = coordinator;
    this.limit = limit;
    this.watch =
        coordinator.watch(ADDRESS.registry(), change -> change.entry().ifPresent(this::accept));
    refresh();
  }

  /** Looks again what was agreed on; the watch tells of changes alone, and not of all. */
  public void refresh() {
    coordinator
        .read(ADDRESS, ReadConsistency.Local.ofAnyAge())
        .whenComplete(
            (entry, failure) -> {
              if (failure == null) {
                entry.ifPresent(this::accept);
              }
            });
  }

  private void accept(RegistryEntry entry) {
    if (!entry.address().equals(ADDRESS)) {
      return;
    }
    try {
      StandingOrders orders = OrderForm.read(entry.value());
      synchronized (this) {
        if (agreed.version >= entry.version()) {
          return;
        }
        agreed = new Agreed(orders, entry.version());
      }
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "settings of balancing cannot be read; the last ones stay in force: {0}",
          e.detail());
      return;
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public StandingOrders standing() {
    return agreed.orders;
  }

  @Override
  public void change(UnaryOperator<StandingOrders> change) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Agreed before = agreed;
      String text = OrderForm.write(change.apply(before.orders));
      CommandResult result =
          await(
              coordinator.propose(
                  new ClusterCommand.Put(ADDRESS, text, OptionalLong.of(before.version)), limit));
      entryOf(result).ifPresent(this::accept);
      if (result.applied()) {
        return;
      }
    }
    throw new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "the settings are being changed by others; try again");
  }

  private static Optional<RegistryEntry> entryOf(CommandResult result) {
    return result instanceof CommandResult.Applied applied
        ? applied.entry()
        : ((CommandResult.Conflict) result).standing();
  }

  private <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(2 * limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof WarehouseException known
          ? known
          : new WarehouseException(
              StandardErrorCode.UNAVAILABLE, "the cluster cannot agree on the settings", e);
    } catch (TimeoutException e) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "whether the settings were changed is not known", e);
    }
  }

  @Override
  public Watch watch(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    watch.close();
  }
}
