package io.datawarehouse.sdk.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A use of the coordinator: three nodes that agree on a bucket's definition and on who leads. */
class ClusterCoordinatorUseTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final RegistryEntry.Address PHOTOS =
      new RegistryEntry.Address("buckets", "photos");

  private final Agreement agreement = new Agreement();
  private final ClusterCoordinator a = new Voter(agreement, new NodeId("a"));
  private final ClusterCoordinator b = new Voter(agreement, new NodeId("b"));

  @Test
  void secondOfTwoThatCreateTheSameBucketLoses() {
    List<ClusterCoordinator.Change> heard = new ArrayList<>();
    Watch watch = b.watch("buckets", heard::add);
    CommandResult first = get(a.propose(create("{\"copies\":3}"), LIMIT));
    CommandResult second = get(b.propose(create("{\"copies\":2}"), LIMIT));

    assertThat(first.applied()).isTrue();
    assertThat(second).isInstanceOf(CommandResult.Conflict.class);
    assertThat(((CommandResult.Conflict) second).standing().orElseThrow().value())
        .isEqualTo("{\"copies\":3}");
    watch.close();
    get(a.propose(new ClusterCommand.Remove(PHOTOS, OptionalLong.of(1)), LIMIT));

    assertThat(heard).hasSize(1).first().extracting("address").isEqualTo(PHOTOS);
    assertThat(get(b.read(PHOTOS, new ReadConsistency.Latest()))).isEmpty();
  }

  @Test
  void withoutAMajorityChangesFailAndLocalReadsGoOn() {
    get(a.propose(create("{}"), LIMIT));
    agreement.majority = false;

    assertThatThrownBy(() -> get(a.propose(create("{}"), LIMIT)))
        .hasMessageContaining("no majority");
    assertThatThrownBy(() -> get(a.read(PHOTOS, new ReadConsistency.Latest())))
        .hasMessageContaining("no majority");
    assertThat(get(a.list("buckets", new ReadConsistency.Local(Duration.ofMinutes(1)))))
        .extracting(RegistryEntry::address)
        .containsExactly(PHOTOS);
    assertThat(a.leadership().available()).isFalse();
  }

  @Test
  void leadershipIsHandedOver() {
    List<Leadership> heard = new ArrayList<>();
    Watch watch = b.watchLeadership(heard::add);
    assertThat(a.leadership().leads(new NodeId("a"))).isTrue();
    assertThat(get(a.handOver(LIMIT))).isTrue();
    assertThat(get(a.handOver(LIMIT))).as("it leads no longer").isFalse();
    watch.close();
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).leads(new NodeId("b"))).isTrue();
    assertThat(heard.get(0).term()).isEqualTo(2);
  }

  private static ClusterCommand create(String value) {
    return new ClusterCommand.Put(PHOTOS, value, OptionalLong.of(ClusterCommand.ABSENT));
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw (RuntimeException) e.getCause();
    }
  }

  /** What all nodes agree on; in a test it is simply one. */
  private static final class Agreement {
    final Map<RegistryEntry.Address, RegistryEntry> entries = new HashMap<>();
    final Map<String, List<Consumer<ClusterCoordinator.Change>>> listeners = new HashMap<>();
    final List<Consumer<Leadership>> leaderListeners = new ArrayList<>();
    boolean majority = true;
    NodeId leader = new NodeId("a");
    long term = 1;
    long index;

    Leadership leadership() {
      return new Leadership(Optional.of(leader), term, 2, majority);
    }

    CommandResult apply(ClusterCommand command) {
      Optional<RegistryEntry> standing = Optional.ofNullable(entries.get(command.address()));
      long version = standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
      if (command.expected().isPresent() && command.expected().getAsLong() != version) {
        return new CommandResult.Conflict(standing);
      }
      Optional<RegistryEntry> after =
          command instanceof ClusterCommand.Put put
              ? Optional.of(new RegistryEntry(put.address(), put.value(), version + 1))
              : Optional.empty();
      entries.remove(command.address());
      after.ifPresent(entry -> entries.put(entry.address(), entry));
      index++;
      var change = new ClusterCoordinator.Change(command.address(), after, index);
      listeners
          .getOrDefault(command.address().registry(), List.of())
          .forEach(listener -> listener.accept(change));
      return new CommandResult.Applied(after, index);
    }
  }

  /** One node's way to the agreement. */
  private record Voter(Agreement agreement, NodeId self) implements ClusterCoordinator {
    @Override
    public Leadership leadership() {
      return agreement.leadership();
    }

    @Override
    public Watch watchLeadership(Consumer<Leadership> listener) {
      agreement.leaderListeners.add(listener);
      return () -> agreement.leaderListeners.remove(listener);
    }

    @Override
    public CompletionStage<Boolean> handOver(Duration limit) {
      if (!agreement.leader.equals(self)) {
        return CompletableFuture.completedFuture(false);
      }
      agreement.leader = new NodeId("b");
      agreement.term++;
      agreement.leaderListeners.forEach(listener -> listener.accept(agreement.leadership()));
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
      return agreement.majority
          ? CompletableFuture.completedFuture(agreement.apply(command))
          : noMajority();
    }

    @Override
    public CompletionStage<Optional<RegistryEntry>> read(
        RegistryEntry.Address address, ReadConsistency consistency) {
      return consistency instanceof ReadConsistency.Latest && !agreement.majority
          ? noMajority()
          : CompletableFuture.completedFuture(Optional.ofNullable(agreement.entries.get(address)));
    }

    @Override
    public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
      return CompletableFuture.completedFuture(
          agreement.entries.values().stream()
              .filter(entry -> entry.address().registry().equals(registry))
              .sorted(Comparator.comparing(entry -> entry.address().key()))
              .toList());
    }

    @Override
    public Watch watch(String registry, Consumer<Change> listener) {
      agreement.listeners.computeIfAbsent(registry, name -> new ArrayList<>()).add(listener);
      return () -> agreement.listeners.get(registry).remove(listener);
    }

    private static <T> CompletionStage<T> noMajority() {
      return CompletableFuture.failedFuture(
          new WarehouseException(StandardErrorCode.UNAVAILABLE, "no majority can be reached"));
    }
  }
}
