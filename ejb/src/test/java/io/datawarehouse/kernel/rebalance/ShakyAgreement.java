package io.datawarehouse.kernel.rebalance;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * An agreement that loses answers, and that applies some commands long after whoever proposed them
 * gave up waiting. Confined to one thread.
 */
final class ShakyAgreement implements ClusterCoordinator {

  private final FakeAgreement agreement;
  private final Random random;
  private final List<ClusterCommand> late = new ArrayList<>();

  /** How many of a hundred commands go wrong. */
  int trouble;

  ShakyAgreement(FakeAgreement agreement, Random random) {
    this.agreement = agreement;
    this.random = random;
  }

  /** Applies a command that everybody has given up, or nothing. */
  void applyLate() {
    if (!late.isEmpty()) {
      var unused = agreement.propose(late.remove(random.nextInt(late.size())), Duration.ofDays(1));
    }
  }

  @Override
  public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
    if (random.nextInt(100) >= trouble || command.expected().isEmpty()) {
      return agreement.propose(command, limit);
    }
    if (random.nextBoolean()) {
      var unused = agreement.propose(command, limit);
    } else {
      late.add(command);
    }
    return CompletableFuture.failedFuture(
        new WarehouseException(StandardErrorCode.TIMEOUT, "no answer came"));
  }

  @Override
  public Leadership leadership() {
    return agreement.leadership();
  }

  @Override
  public Watch watchLeadership(Consumer<Leadership> listener) {
    return agreement.watchLeadership(listener);
  }

  @Override
  public CompletionStage<Boolean> handOver(Duration limit) {
    return agreement.handOver(limit);
  }

  @Override
  public CompletionStage<Optional<RegistryEntry>> read(
      RegistryEntry.Address address, ReadConsistency consistency) {
    return agreement.read(address, consistency);
  }

  @Override
  public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
    return agreement.list(registry, consistency);
  }

  @Override
  public Watch watch(String registry, Consumer<Change> listener) {
    return agreement.watch(registry, listener);
  }
}
