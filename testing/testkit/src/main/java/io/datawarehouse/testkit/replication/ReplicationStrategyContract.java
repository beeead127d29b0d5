package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.LoadBalancingConfig.Replication;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.ReplicationStrategy;
import io.datawarehouse.sdk.replication.WriteAdmission;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ReplicationStrategy} must do: asked for every set of one to four owners, whoever of
 * them is reachable and in sync, at every owner and at a node that is none.
 */
public abstract class ReplicationStrategyContract {

  private static final int MOST_OWNERS = 4;
  private static final NodeId OUTSIDER = new NodeId("outsider");
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Makes the strategy under test, a new one at each call and all of them alike. */
  protected abstract ReplicationStrategy strategy();

  @Test
  void nameCanStandInSettingsAndNeverChanges() {
    String name = strategy().strategyName();

    assertThat(new Replication(name, Optional.empty()).strategy())
        .isEqualTo(strategy().strategyName());
    assertThat(strategy().acceptsConcurrentWrites())
        .isEqualTo(strategy().acceptsConcurrentWrites());
  }

  @Test
  void decidesByItsArgumentsAlone() {
    ReplicationStrategy one = strategy();
    ReplicationStrategy other = strategy();
    List<ReplicaSet> sets = allSets();
    for (int i = sets.size() - 1; i >= 0; i--) {
      other.admit(sets.get(i));
      other.readers(sets.get(i));
    }

    for (ReplicaSet set : sets) {
      assertThat(one.admit(set)).isEqualTo(one.admit(set)).isEqualTo(other.admit(set));
      assertThat(one.readers(set)).isEqualTo(one.readers(set)).isEqualTo(other.readers(set));
    }
  }

  @Test
  void acceptedWriteCanBeAcknowledged() {
    for (ReplicaSet set : allSets()) {
      if (strategy().admit(set) instanceof WriteAdmission.Accept accept) {
        assertThat(accept.copyTo())
            .as("copies of %s", set)
            .doesNotHaveDuplicates()
            .doesNotContain(set.local())
            .isSubsetOf(nodes(set));
        long there = accept.copyTo().stream().filter(node -> reachable(set, node)).count();
        assertThat(accept.quorum())
            .as("quorum of %s with %s copies that can be made", accept, there + 1)
            .isLessThanOrEqualTo((int) there + 1);
      }
    }
  }

  @Test
  void writeIsSentOnToSomebodyWhoCanBeReachedAndDoesNotSendItOn() {
    for (ReplicaSet set : allSets()) {
      if (strategy().admit(set) instanceof WriteAdmission.Forward forward) {
        assertThat(forward.to()).as("where %s sends it", set).isNotEqualTo(set.local());
        assertThat(reachable(set, forward.to())).as("%s is reachable", forward.to()).isTrue();
        assertThat(strategy().admit(at(set, forward.to())))
            .as("what %s does with a write of %s", forward.to(), set)
            .isNotInstanceOf(WriteAdmission.Forward.class);
      }
    }
  }

  @Test
  void refusalCanBeTriedAgainAndSaysWhy() {
    for (ReplicaSet set : allSets()) {
      if (strategy().admit(set) instanceof WriteAdmission.Refuse refuse) {
        assertThat(refuse.code().retryable()).as("%s can be tried again", refuse).isTrue();
        assertThat(refuse.reason()).isNotBlank();
      }
    }
  }

  @Test
  void writesAreTakenWhenEverybodyIsThere() {
    for (int owners = 1; owners <= MOST_OWNERS; owners++) {
      ReplicaSet whole = set(owners, owner -> true, owner -> true, node(0), 1);

      assertThat(strategy().admit(whole))
          .as("%s", whole)
          .isNotInstanceOf(WriteAdmission.Refuse.class);
      assertThat(strategy().readers(whole)).as("readers of %s", whole).isNotEmpty();
    }
  }

  @Test
  void readersAreOwnersThatCanBeReachedAndAreNotOutOfDate() {
    boolean exact = !strategy().acceptsConcurrentWrites();
    for (ReplicaSet set : allSets()) {
      List<NodeId> readers = strategy().readers(set);

      assertThat(readers).as("readers of %s", set).doesNotHaveDuplicates().isSubsetOf(nodes(set));
      assertThat(readers).allMatch(node -> node.equals(set.local()) || reachable(set, node));
      if (exact) {
        assertThat(readers).allMatch(node -> set.owner(node).orElseThrow().inSync());
      }
    }
  }

  /**
   * However the owners are parted in two, both sides take writes where the strategy says so, and at
   * most one of them does where it says that there are no concurrent writes.
   */
  @Test
  void bothSidesOfAPartitionTakeWritesExactlyIfItSaysSo() {
    boolean both = false;
    for (int owners = 2; owners <= MOST_OWNERS; owners++) {
      for (int quorum = 1; quorum <= owners; quorum++) {
        for (int side = 1; side < (1 << owners) - 1; side++) {
          both |= takenBy(owners, side, quorum) && takenBy(owners, ~side, quorum);
        }
      }
    }

    assertThat(both).isEqualTo(strategy().acceptsConcurrentWrites());
  }

  /** Returns whether any owner on that side takes writes while it reaches that side alone. */
  private boolean takenBy(int owners, int side, int quorum) {
    return IntStream.range(0, owners)
        .filter(owner -> (side >> owner & 1) == 1)
        .mapToObj(
            owner ->
                set(owners, other -> (side >> other & 1) == 1, other -> true, node(owner), quorum))
        .anyMatch(set -> strategy().admit(set) instanceof WriteAdmission.Accept);
  }

  @Test
  void manyThreadsMayAskAtOnce() {
    ReplicationStrategy strategy = strategy();
    List<ReplicaSet> sets = allSets();
    List<WriteAdmission> expected = sets.stream().map(strategy()::admit).toList();

    List<Boolean> right =
        Crowd.all(4, SOON, thread -> sets.stream().map(strategy::admit).toList().equals(expected));

    assertThat(right).containsOnly(true);
  }

  private static List<ReplicaSet> allSets() {
    List<ReplicaSet> sets = new ArrayList<>();
    for (int owners = 1; owners <= MOST_OWNERS; owners++) {
      for (int quorum = 1; quorum <= owners; quorum++) {
        for (int flags = 0; flags < 1 << 2 * owners; flags++) {
          int bits = flags;
          int shift = owners;
          for (int local = 0; local <= owners; local++) {
            int self = local;
            // A node reaches itself.
            sets.add(
                set(
                    owners,
                    owner -> owner == self || (bits >> owner & 1) == 1,
                    owner -> (bits >> shift + owner & 1) == 1,
                    local == owners ? OUTSIDER : node(local),
                    quorum));
          }
        }
      }
    }
    return sets;
  }

  private static ReplicaSet set(
      int owners, IntPredicate reachable, IntPredicate inSync, NodeId local, int quorum) {
    List<Replica> replicas =
        IntStream.range(0, owners)
            .mapToObj(
                owner ->
                    new Replica(
                        node(owner),
                        "site-" + owner % 2,
                        reachable.test(owner),
                        inSync.test(owner)))
            .toList();
    return new ReplicaSet(1, 7, local, replicas, quorum);
  }

  /** The same set as another of its owners sees it, who reaches whom the first one reaches. */
  private static ReplicaSet at(ReplicaSet set, NodeId local) {
    return new ReplicaSet(set.topologyId(), set.segment(), local, set.owners(), set.writeQuorum());
  }

  private static NodeId node(int owner) {
    return new NodeId("node-" + owner);
  }

  private static List<NodeId> nodes(ReplicaSet set) {
    return set.owners().stream().map(Replica::node).toList();
  }

  private static boolean reachable(ReplicaSet set, NodeId node) {
    return set.owner(node).map(Replica::reachable).orElse(false);
  }
}
