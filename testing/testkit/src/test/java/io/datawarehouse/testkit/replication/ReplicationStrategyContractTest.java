package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.ReplicationStrategy;
import io.datawarehouse.sdk.replication.WriteAdmission;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract notices what strategies do wrong. */
class ReplicationStrategyContractTest {

  private static Supplier<ReplicationStrategy> broken = SingleMaster::new;

  static class OfBroken extends ReplicationStrategyContract {
    @Override
    protected ReplicationStrategy strategy() {
      return broken.get();
    }
  }

  @Test
  void twoMastersAtOnceAreNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public WriteAdmission admit(ReplicaSet replicas) {
                        Replica first =
                            replicas.owners().stream()
                                .filter(Replica::reachable)
                                .findFirst()
                                .orElse(replicas.primary());
                        return first.node().equals(replicas.local())
                            ? new WriteAdmission.Accept(List.of(), 1)
                            : super.admit(replicas);
                      }
                    }))
        .contains("bothSidesOfAPartitionTakeWritesExactlyIfItSaysSo");
  }

  @Test
  void sayingThatItTakesConcurrentWritesWhereItDoesNotIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public boolean acceptsConcurrentWrites() {
                        return true;
                      }
                    }))
        .containsExactly("bothSidesOfAPartitionTakeWritesExactlyIfItSaysSo");
  }

  @Test
  void quorumThatNobodyCanReachIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public WriteAdmission admit(ReplicaSet replicas) {
                        List<NodeId> others =
                            replicas.owners().stream().skip(1).map(Replica::node).toList();
                        return replicas.primary().node().equals(replicas.local())
                            ? new WriteAdmission.Accept(others, others.size() + 1)
                            : super.admit(replicas);
                      }
                    }))
        .contains("acceptedWriteCanBeAcknowledged");
  }

  @Test
  void writeThatIsSentOnAndOnIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public WriteAdmission admit(ReplicaSet replicas) {
                        List<NodeId> others = replicas.reachableBut(replicas.local());
                        return others.isEmpty()
                            ? super.admit(replicas)
                            : new WriteAdmission.Forward(others.get(others.size() - 1));
                      }
                    }))
        .contains("writeIsSentOnToSomebodyWhoCanBeReachedAndDoesNotSendItOn");
  }

  @Test
  void finalRefusalIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public WriteAdmission admit(ReplicaSet replicas) {
                        return super.admit(replicas) instanceof WriteAdmission.Refuse refuse
                            ? new WriteAdmission.Refuse(
                                StandardErrorCode.INVALID_ARGUMENT, refuse.reason())
                            : super.admit(replicas);
                      }
                    }))
        .containsExactly("refusalCanBeTriedAgainAndSaysWhy");
  }

  @Test
  void readerThatIsOutOfDateIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      @Override
                      public List<NodeId> readers(ReplicaSet replicas) {
                        return List.of(replicas.primary().node());
                      }
                    }))
        .containsExactly("readersAreOwnersThatCanBeReachedAndAreNotOutOfDate");
  }

  @Test
  void memoryOfEarlierQuestionsIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SingleMaster() {
                      private int asked;

                      @Override
                      public List<NodeId> readers(ReplicaSet replicas) {
                        asked++;
                        return asked % 3 == 0 ? List.of() : super.readers(replicas);
                      }
                    }))
        .contains("decidesByItsArgumentsAlone");
  }

  private static Set<String> failures(Supplier<ReplicationStrategy> strategy) {
    broken = strategy;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
