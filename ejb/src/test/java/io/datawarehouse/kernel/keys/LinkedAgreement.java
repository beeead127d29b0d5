package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.cluster.FakeAgreement;
import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One node's way to what all agree on, which can be cut: then it hears and reaches nothing. */
final class LinkedAgreement implements ClusterCoordinator {

  private final FakeAgreement agreement;
  private final List<Consumer<Leadership>> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  LinkedAgreement(FakeAgreement agreement) {
    this.agreement = agreement;
  }

  /** Cuts the way, or mends it, and tells those who watch. */
  void cut(boolean now) {
    cut = now;
    Leadership leadership = leadership();
    listeners.forEach(listener -> listener.accept(leadership));
  }

  @Override
  public Leadership leadership() {
    Leadership whole = agreement.leadership();
    return cut ? new Leadership(Optional.empty(), whole.term(), whole.quorum(), false) : whole;
  }

  @Override
  public Watch watchLeadership(Consumer<Leadership> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public CompletionStage<Boolean> handOver(Duration limit) {
    return agreement.handOver(limit);
  }

  @Override
  public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
    return cut ? unreachable() : agreement.propose(command, limit);
  }

  @Override
  public CompletionStage<Optional<RegistryEntry>> read(
      RegistryEntry.Address address, ReadConsistency consistency) {
    return cut ? unreachable() : agreement.read(address, consistency);
  }

  @Override
  public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
    return cut ? unreachable() : agreement.list(registry, consistency);
  }

  @Override
  public Watch watch(String registry, Consumer<Change> listener) {
    return agreement.watch(
        registry,
        change -> {
          if (!cut) {
            listener.accept(change);
          }
        });
  }

  private static <T> CompletionStage<T> unreachable() {
    return CompletableFuture.failedFuture(
        new WarehouseException(StandardErrorCode.UNAVAILABLE, "no majority is reached"));
  }
}
