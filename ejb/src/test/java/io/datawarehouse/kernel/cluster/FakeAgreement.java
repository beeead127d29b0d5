package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What several nodes of one test agree on, in memory, at once. A test can take the majority away,
 * lose an answer after the change was applied, and keep changes from those who watch. Thread-safe.
 */
public final class FakeAgreement implements ClusterCoordinator {

  private volatile NodeId leader;
  private final Map<RegistryEntry.Address, RegistryEntry> entries =
      new TreeMap<>(java.util.Comparator.comparing(RegistryEntry.Address::toString));
  private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
  private long index;
  private volatile boolean available = true;
  private volatile boolean losingAnswers;
  private volatile boolean quiet;
  private volatile boolean unheard;
  private @Nullable CompletableFuture<Void> held;

  /** Makes an agreement that a node leads. */
  public FakeAgreement(NodeId leader) {
    this.leader = leader;
  }

  /** Lets another node lead. */
  public void lead(NodeId node) {
    leader = node;
  }

  /** Takes the majority away, or gives it back. */
  public void available(boolean now) {
    available = now;
  }

  /** Applies changes from now on without saying so, or no longer. */
  public void loseAnswers(boolean now) {
    losingAnswers = now;
  }

  /** Tells nobody of changes from now on, like a node that is behind, or again. */
  public void quiet(boolean now) {
    quiet = now;
  }

  /**
   * Has nodes know nothing of their own, as if none had ever heard a leader, or again something.
   */
  public void unheard(boolean now) {
    unheard = now;
  }

  private boolean refuses(ReadConsistency consistency) {
    return consistency instanceof ReadConsistency.Latest ? !available : unheard;
  }

  /** Lets the next list be read at once, and its answer arrive when the returned task is run. */
  public synchronized Runnable holdNextList() {
    CompletableFuture<Void> arrival = new CompletableFuture<>();
    held = arrival;
    return () -> arrival.complete(null);
  }

  @Override
  public Leadership leadership() {
    return new Leadership(available ? Optional.of(leader) : Optional.empty(), 1, 2, available);
  }

  @Override
  public Watch watchLeadership(Consumer<Leadership> listener) {
    return () -> {};
  }

  @Override
  public CompletionStage<Boolean> handOver(Duration limit) {
    return CompletableFuture.completedFuture(false);
  }

  @Override
  public synchronized CompletionStage<CommandResult> propose(
      ClusterCommand command, Duration limit) {
    if (!available) {
      return unavailable();
    }
    RegistryEntry standing = entries.get(command.address());
    long version = standing == null ? ClusterCommand.ABSENT : standing.version();
    if (command.expected().isPresent() && command.expected().getAsLong() != version) {
      return CompletableFuture.completedFuture(
          new CommandResult.Conflict(Optional.ofNullable(standing)));
    }
    index++;
    Optional<RegistryEntry> next = Optional.empty();
    if (command instanceof ClusterCommand.Put put) {
      next = Optional.of(new RegistryEntry(put.address(), put.value(), index));
      entries.put(put.address(), next.get());
    } else {
      entries.remove(command.address());
    }
    Change change = new Change(command.address(), next, index);
    if (!quiet) {
      listeners.forEach(listener -> listener.accept(change));
    }
    return losingAnswers
        ? CompletableFuture.failedFuture(
            new WarehouseException(StandardErrorCode.TIMEOUT, "the answer was lost"))
        : CompletableFuture.completedFuture(new CommandResult.Applied(next, index));
  }

  private static <T> CompletionStage<T> unavailable() {
    return CompletableFuture.failedFuture(
        new WarehouseException(StandardErrorCode.UNAVAILABLE, "no majority"));
  }

  @Override
  public synchronized CompletionStage<Optional<RegistryEntry>> read(
      RegistryEntry.Address address, ReadConsistency consistency) {
    return refuses(consistency)
        ? unavailable()
        : CompletableFuture.completedFuture(Optional.ofNullable(entries.get(address)));
  }

  @Override
  public synchronized CompletionStage<List<RegistryEntry>> list(
      String registry, ReadConsistency consistency) {
    if (refuses(consistency)) {
      return unavailable();
    }
    List<RegistryEntry> listed =
        entries.values().stream()
            .filter(entry -> entry.address().registry().equals(registry))
            .toList();
    CompletableFuture<Void> arrival = held;
    held = null;
    return arrival == null
        ? CompletableFuture.completedFuture(listed)
        : arrival.thenApply(arrived -> listed);
  }

  @Override
  public Watch watch(String registry, Consumer<Change> listener) {
    Consumer<Change> filtered =
        change -> {
          if (change.address().registry().equals(registry)) {
            listener.accept(change);
          }
        };
    listeners.add(filtered);
    return () -> listeners.remove(filtered);
  }
}
