package io.datawarehouse.kernel.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AgreedOrdersTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final OneEntry entry = new OneEntry();

  private static StandingOrders with(StandingOrders before, BalancingSetting setting, String text) {
    Map<BalancingSetting, String> next = new EnumMap<>(BalancingSetting.class);
    next.putAll(before.settings());
    next.put(setting, text);
    return new StandingOrders(next, before.strategies());
  }

  @Test
  void whatOneNodeOrdersIsInForceOnAll() {
    AgreedOrders here = new AgreedOrders(entry, LIMIT);
    AgreedOrders there = new AgreedOrders(entry, LIMIT);
    AtomicInteger told = new AtomicInteger();
    there.watch(told::incrementAndGet);

    here.change(standing -> with(standing, BalancingSetting.ALGORITHM, "random"));

    assertThat(here.standing().settings()).containsEntry(BalancingSetting.ALGORITHM, "random");
    assertThat(there.standing()).isEqualTo(here.standing());
    assertThat(told).hasValue(1);
  }

  @Test
  void ordersFromBeforeAreTakenOver() {
    new AgreedOrders(entry, LIMIT)
        .change(standing -> with(standing, BalancingSetting.MODE, "manual"));

    assertThat(new AgreedOrders(entry, LIMIT).standing().settings())
        .containsEntry(BalancingSetting.MODE, "manual");
  }

  @Test
  void twoOrdersAtTheSameTimeBothStand() {
    AgreedOrders here = new AgreedOrders(entry, LIMIT);
    entry.silent = true;
    new AgreedOrders(entry, LIMIT)
        .change(standing -> with(standing, BalancingSetting.MODE, "manual"));

    here.change(standing -> with(standing, BalancingSetting.ALGORITHM, "random"));

    assertThat(here.standing().settings())
        .containsOnlyKeys(BalancingSetting.MODE, BalancingSetting.ALGORITHM);
  }

  @Test
  void settingsOfStrategiesAreAgreedOnBesideTheOthers() {
    AgreedOrders here = new AgreedOrders(entry, LIMIT);
    AgreedOrders there = new AgreedOrders(entry, LIMIT);
    here.change(standing -> with(standing, BalancingSetting.MODE, "manual"));

    there.change(
        standing ->
            new StandingOrders(
                standing.settings(), Map.of("consistent-hashing", Map.of("boundPercent", "125"))));
    here.change(standing -> with(standing, BalancingSetting.ALGORITHM, "random"));

    assertThat(new AgreedOrders(entry, LIMIT).standing())
        .isEqualTo(
            new StandingOrders(
                Map.of(BalancingSetting.MODE, "manual", BalancingSetting.ALGORITHM, "random"),
                Map.of("consistent-hashing", Map.of("boundPercent", "125"))));
    assertThat(there.standing()).isEqualTo(here.standing());
  }

  @Test
  void withoutAMajorityNothingChanges() {
    AgreedOrders here = new AgreedOrders(entry, LIMIT);
    entry.failure = new WarehouseException(StandardErrorCode.UNAVAILABLE, "no majority");

    assertThatThrownBy(
            () -> here.change(standing -> with(standing, BalancingSetting.MODE, "manual")))
        .isSameAs(entry.failure);
    assertThat(here.standing()).isEqualTo(StandingOrders.NONE);
  }

  @Test
  void settingsOfANewerVersionAreLeftAsTheyAre() {
    entry.set("{\"settings\":{\"mode\":\"manual\",\"mood\":\"good\"}}");

    assertThat(new AgreedOrders(entry, LIMIT).standing().settings())
        .containsOnlyKeys(BalancingSetting.MODE);
    entry.set("not JSON");
    assertThat(new AgreedOrders(entry, LIMIT).standing()).isEqualTo(StandingOrders.NONE);
  }

  /** A coordinator that agrees with everybody, on one entry. */
  private static final class OneEntry implements ClusterCoordinator {

    private static final RegistryEntry.Address ADDRESS =
        new RegistryEntry.Address("settings", "load-balancing");

    private final List<Consumer<Change>> listeners = new ArrayList<>();
    private Optional<RegistryEntry> standing = Optional.empty();
    private WarehouseException failure;
    private boolean silent;

    void set(String value) {
      long version = standing.map(RegistryEntry::version).orElse(0L) + 1;
      standing = Optional.of(new RegistryEntry(ADDRESS, value, version));
      if (!silent) {
        listeners.forEach(listener -> listener.accept(new Change(ADDRESS, standing, version)));
      }
    }

    @Override
    public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      long version = standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
      if (command.expected().orElse(version) != version) {
        return CompletableFuture.completedFuture(new CommandResult.Conflict(standing));
      }
      set(((ClusterCommand.Put) command).value());
      return CompletableFuture.completedFuture(new CommandResult.Applied(standing, version + 1));
    }

    @Override
    public CompletionStage<Optional<RegistryEntry>> read(
        RegistryEntry.Address address, ReadConsistency consistency) {
      return CompletableFuture.completedFuture(standing);
    }

    @Override
    public Watch watch(String registry, Consumer<Change> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
      return CompletableFuture.completedFuture(standing.stream().toList());
    }

    @Override
    public Leadership leadership() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Watch watchLeadership(Consumer<Leadership> listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Boolean> handOver(Duration limit) {
      throw new UnsupportedOperationException();
    }
  }
}
