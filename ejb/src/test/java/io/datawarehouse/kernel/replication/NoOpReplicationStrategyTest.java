package io.datawarehouse.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.replication.Replica;
import io.datawarehouse.sdk.replication.ReplicaSet;
import io.datawarehouse.sdk.replication.WriteAdmission;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoOpReplicationStrategyTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final NoOpReplicationStrategy strategy = new NoOpReplicationStrategy();

  @Test
  void primaryTakesTheWriteAloneAndServesTheRead() {
    assertThat(strategy.admit(replicas(A, true)))
        .isEqualTo(new WriteAdmission.Accept(List.of(), 1));
    assertThat(strategy.readers(replicas(A, true))).containsExactly(A);
    assertThat(strategy.admit(replicas(A, false)))
        .as("a node need not reach itself")
        .isEqualTo(new WriteAdmission.Accept(List.of(), 1));
    assertThat(strategy.readers(replicas(A, false))).containsExactly(A);
  }

  @Test
  void anotherNodeForwardsToThePrimary() {
    assertThat(strategy.admit(replicas(B, true))).isEqualTo(new WriteAdmission.Forward(A));
    assertThat(strategy.readers(replicas(B, true))).containsExactly(A);
  }

  @Test
  void withoutThePrimaryNobodyCan() {
    assertThat(strategy.admit(replicas(B, false)))
        .isInstanceOfSatisfying(
            WriteAdmission.Refuse.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(StandardErrorCode.UNAVAILABLE);
              assertThat(refused.code().retryable()).isTrue();
              assertThat(refused.reason()).contains("node a");
            });
    assertThat(strategy.readers(replicas(B, false))).isEmpty();
    assertThat(strategy.acceptsConcurrentWrites()).isFalse();
    assertThat(strategy.strategyName()).isEqualTo("none");
  }

  private static ReplicaSet replicas(NodeId local, boolean primaryReachable) {
    return new ReplicaSet(
        1,
        0,
        local,
        List.of(new Replica(A, "s", primaryReachable, true), new Replica(B, "s", true, true)),
        1);
  }
}
