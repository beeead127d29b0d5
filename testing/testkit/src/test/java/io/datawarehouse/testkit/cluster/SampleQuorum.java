package io.datawarehouse.testkit.cluster;

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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Coordinators of nodes in one process: a log that stands for the disks of a majority, and each
 * node's copy of what is in it. Thread-safe.
 */
final class SampleQuorum {

  private final List<ClusterCoordinator.Change> log = new ArrayList<>();
  private final SortedMap<NodeId, Seat> seats = new TreeMap<>();
  private final Set<NodeId> cutOff = new HashSet<>();
  private Optional<NodeId> leader = Optional.empty();
  private long term;
  private long cutOffSince;

  SampleQuorum(String... nodes) {
    for (String node : nodes) {
      seats.put(new NodeId(node), new Seat(new NodeId(node)));
    }
    elect();
  }

  synchronized SortedMap<NodeId, ClusterCoordinator> coordinators() {
    return new TreeMap<>(seats);
  }

  synchronized void isolate(NodeId node) {
    cutOff.add(node);
    cutOffSince = System.nanoTime();
    elect();
  }

  synchronized void heal() {
    cutOff.clear();
    elect();
    seats.values().forEach(Seat::catchUp);
  }

  synchronized void restartAll() {
    seats.replaceAll((node, seat) -> new Seat(node));
    cutOff.clear();
    leader = Optional.empty();
    elect();
    seats.values().forEach(Seat::catchUp);
  }

  private void elect() {
    List<NodeId> together = seats.keySet().stream().filter(node -> !cutOff.contains(node)).toList();
    boolean majority = together.size() >= quorum();
    if (!majority) {
      leader = Optional.empty();
    } else if (leader.isEmpty() || !together.contains(leader.get())) {
      leader = Optional.of(together.get(0));
      term++;
    }
    tellLeadership();
  }

  private int quorum() {
    return seats.size() / 2 + 1;
  }

  private void tellLeadership() {
    for (Seat seat : seats.values()) {
      seat.leaderListeners.forEach(listener -> listener.accept(seat.leadership()));
    }
  }

  /** One node's way to the agreement. */
  private final class Seat implements ClusterCoordinator {
    private final NodeId self;
    private final TreeMap<String, RegistryEntry> copy = new TreeMap<>();
    private final Map<String, List<Consumer<Change>>> listeners = new TreeMap<>();
    private final List<Consumer<Leadership>> leaderListeners = new CopyOnWriteArrayList<>();
    private int applied;

    Seat(NodeId self) {
      this.self = self;
    }

    private boolean alone() {
      return cutOff.contains(self) || leader.isEmpty();
    }

    void catchUp() {
      for (; applied < log.size() && !cutOff.contains(self); applied++) {
        Change change = log.get(applied);
        String place = place(change.address());
        copy.remove(place);
        change.entry().ifPresent(entry -> copy.put(place, entry));
        for (Consumer<Change> listener :
            listeners.getOrDefault(change.address().registry(), List.of())) {
          listener.accept(change);
        }
      }
    }

    @Override
    public Leadership leadership() {
      synchronized (SampleQuorum.this) {
        return new Leadership(alone() ? Optional.empty() : leader, term, quorum(), !alone());
      }
    }

    @Override
    public Watch watchLeadership(Consumer<Leadership> listener) {
      leaderListeners.add(listener);
      return () -> leaderListeners.remove(listener);
    }

    @Override
    public CompletionStage<Boolean> handOver(Duration limit) {
      synchronized (SampleQuorum.this) {
        Optional<NodeId> next =
            seats.keySet().stream()
                .filter(node -> !node.equals(self) && !cutOff.contains(node))
                .findFirst();
        if (!leader.equals(Optional.of(self)) || next.isEmpty()) {
          return CompletableFuture.completedFuture(false);
        }
        leader = next;
        term++;
        tellLeadership();
        return CompletableFuture.completedFuture(true);
      }
    }

    @Override
    public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
      return answer(alone(), () -> commit(command));
    }

    private CommandResult commit(ClusterCommand command) {
      Optional<RegistryEntry> standing =
          log.stream()
              .filter(change -> change.address().equals(command.address()))
              .reduce((one, later) -> later)
              .flatMap(Change::entry);
      long version = standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
      if (command.expected().orElse(version) != version) {
        return new CommandResult.Conflict(standing);
      }
      long index = log.size() + 1;
      Optional<RegistryEntry> after =
          command instanceof ClusterCommand.Put put
              ? Optional.of(new RegistryEntry(put.address(), put.value(), index))
              : Optional.empty();
      log.add(new Change(command.address(), after, index));
      seats.values().forEach(Seat::catchUp);
      return new CommandResult.Applied(after, index);
    }

    @Override
    public CompletionStage<Optional<RegistryEntry>> read(
        RegistryEntry.Address address, ReadConsistency consistency) {
      return answer(tooOld(consistency), () -> Optional.ofNullable(copy.get(place(address))));
    }

    @Override
    public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
      return answer(
          tooOld(consistency),
          () ->
              copy.values().stream()
                  .filter(entry -> entry.address().registry().equals(registry))
                  .toList());
    }

    private boolean tooOld(ReadConsistency consistency) {
      return alone()
          && !(consistency instanceof ReadConsistency.Local local
              && local.mostAge().toNanos() >= System.nanoTime() - cutOffSince);
    }

    @Override
    public Watch watch(String registry, Consumer<Change> listener) {
      synchronized (SampleQuorum.this) {
        List<Consumer<Change>> ofRegistry =
            listeners.computeIfAbsent(registry, name -> new CopyOnWriteArrayList<>());
        ofRegistry.add(listener);
        return () -> ofRegistry.remove(listener);
      }
    }

    private <T> CompletionStage<T> answer(boolean unavailable, Supplier<T> work) {
      synchronized (SampleQuorum.this) {
        return unavailable
            ? CompletableFuture.failedFuture(
                new WarehouseException(StandardErrorCode.UNAVAILABLE, "no majority can be reached"))
            : CompletableFuture.completedFuture(work.get());
      }
    }
  }

  private static String place(RegistryEntry.Address address) {
    return address.registry() + "\0" + address.key();
  }
}
