package io.datawarehouse.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.Leadership;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.ReadConsistency;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The contract notices what coordinators do wrong. */
class ClusterCoordinatorContractTest {

  private static UnaryOperator<ClusterCoordinator> flaw = sound -> sound;
  private static boolean forgetful;

  static class OfBroken extends ClusteredCoordinatorContract {
    private SampleQuorum quorum = new SampleQuorum("a", "b", "c");
    private SortedMap<NodeId, ClusterCoordinator> coordinators = changed();

    private SortedMap<NodeId, ClusterCoordinator> changed() {
      SortedMap<NodeId, ClusterCoordinator> all = quorum.coordinators();
      all.replaceAll((node, sound) -> flaw.apply(sound));
      return all;
    }

    @Override
    protected SortedMap<NodeId, ClusterCoordinator> coordinators() {
      return coordinators;
    }

    @Override
    protected void isolate(NodeId node) {
      quorum.isolate(node);
    }

    @Override
    protected void heal() {
      quorum.heal();
    }

    @Override
    protected void restartAll() {
      if (forgetful) {
        quorum = new SampleQuorum("a", "b", "c");
      } else {
        quorum.restartAll();
      }
      coordinators = changed();
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(2);
    }
  }

  @Test
  void versionThatIsNotComparedIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<CommandResult> propose(
                          ClusterCommand command, Duration limit) {
                        return super.propose(
                            command instanceof ClusterCommand.Put put
                                ? new ClusterCommand.Put(
                                    put.address(), put.value(), OptionalLong.empty())
                                : command,
                            limit);
                      }
                    }))
        .contains(
            "secondOfTwoThatCreateTheSameLosesAndIsToldWhatStands",
            "changeThatExpectsAnotherVersionChangesNothing",
            "exactlyOneOfManyThatCreateTheSameWins");
  }

  @Test
  void acknowledgingWhatWasNotDoneIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<CommandResult> propose(
                          ClusterCommand command, Duration limit) {
                        return command instanceof ClusterCommand.Put put
                            ? CompletableFuture.completedFuture(
                                new CommandResult.Applied(
                                    Optional.of(new RegistryEntry(put.address(), put.value(), 1)),
                                    1))
                            : super.propose(command, limit);
                      }
                    }))
        .contains(
            "changeThatWasAcknowledgedIsReadByTheLatestReadOfEveryNode",
            "nodeWithoutAMajorityChangesNothingAndSaysSo",
            "whatWasAcknowledgedOutlivesTheEndOfAllNodes");
  }

  @Test
  void forgettingInARestartIsNoticed() {
    forgetful = true;
    try {
      assertThat(failures(sound -> sound))
          .containsExactly("whatWasAcknowledgedOutlivesTheEndOfAllNodes");
    } finally {
      forgetful = false;
    }
  }

  @Test
  void localCopyOfAnyAgeIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<Optional<RegistryEntry>> read(
                          RegistryEntry.Address address, ReadConsistency consistency) {
                        return super.read(
                            address, new ReadConsistency.Local(Duration.ofDays(1000)));
                      }
                    }))
        .containsExactly("nodeWithoutAMajorityChangesNothingAndSaysSo");
  }

  @Test
  void unsortedListIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<List<RegistryEntry>> list(
                          String registry, ReadConsistency consistency) {
                        return super.list(registry, consistency)
                            .thenApply(
                                entries -> {
                                  List<RegistryEntry> reversed = new ArrayList<>(entries);
                                  Collections.reverse(reversed);
                                  return reversed;
                                });
                      }
                    }))
        .containsExactly(
            "listHoldsOneRegistrySortedByKey", "whatWasAcknowledgedOutlivesTheEndOfAllNodes");
  }

  @Test
  void changeThatIsToldTwiceIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public Watch watch(String registry, Consumer<Change> listener) {
                        return super.watch(registry, listener.andThen(listener));
                      }
                    }))
        .contains("everyNodeHearsAllChangesOnceAndInTheOneOrder")
        .contains("watchHearsItsRegistryAloneAndNothingAfterItWasClosed");
  }

  @Test
  void watchThatCannotBeClosedIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public Watch watch(String registry, Consumer<Change> listener) {
                        super.watch(registry, listener);
                        return () -> {};
                      }
                    }))
        .containsExactly("watchHearsItsRegistryAloneAndNothingAfterItWasClosed");
  }

  @Test
  void silenceAboutTheNewLeaderIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public Watch watchLeadership(Consumer<Leadership> listener) {
                        return () -> {};
                      }
                    }))
        .containsExactly("leadershipIsHandedOverAndEverybodyIsTold");
  }

  @Test
  void handingOverWhatOneDoesNotHaveIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<Boolean> handOver(Duration limit) {
                        return super.handOver(limit).thenApply(done -> true);
                      }
                    }))
        .containsExactly("nodeThatDoesNotLeadOrIsAloneCannotHandOver");
  }

  @Test
  void stageThatNeverCompletesIsNoticed() {
    assertThat(
            failures(
                sound ->
                    new Changed(sound) {
                      @Override
                      public CompletionStage<CommandResult> propose(
                          ClusterCommand command, Duration limit) {
                        return limit.toMillis() == 0
                            ? new CompletableFuture<>()
                            : super.propose(command, limit);
                      }
                    }))
        .containsExactly("everyStageCompletesSoonAfterItsLimit");
  }

  private static Set<String> failures(UnaryOperator<ClusterCoordinator> change) {
    flaw = change;
    return BrokenContracts.failuresOf(OfBroken.class);
  }

  private static class Changed implements ClusterCoordinator {
    private final ClusterCoordinator sound;

    Changed(ClusterCoordinator sound) {
      this.sound = sound;
    }

    @Override
    public Leadership leadership() {
      return sound.leadership();
    }

    @Override
    public Watch watchLeadership(Consumer<Leadership> listener) {
      return sound.watchLeadership(listener);
    }

    @Override
    public CompletionStage<Boolean> handOver(Duration limit) {
      return sound.handOver(limit);
    }

    @Override
    public CompletionStage<CommandResult> propose(ClusterCommand command, Duration limit) {
      return sound.propose(command, limit);
    }

    @Override
    public CompletionStage<Optional<RegistryEntry>> read(
        RegistryEntry.Address address, ReadConsistency consistency) {
      return sound.read(address, consistency);
    }

    @Override
    public CompletionStage<List<RegistryEntry>> list(String registry, ReadConsistency consistency) {
      return sound.list(registry, consistency);
    }

    @Override
    public Watch watch(String registry, Consumer<Change> listener) {
      return sound.watch(registry, listener);
    }
  }
}
