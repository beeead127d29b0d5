package com.example.quietest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.CandidateTable.Candidate;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.balance.FakeSignals;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuietestPluginTest {

  @Test
  void busyNodeIsSparedAndAHeavierOneGetsMore() {
    CandidateTable table =
        new CandidateTable(
            1,
            List.of(
                new Candidate(new NodeId("a"), 1, "z", true),
                new Candidate(new NodeId("b"), 4, "z", false)));
    NodeSelector selector = new QuietestPlugin().prepare(table, DeploymentTier.SMB.defaults());

    assertThat(selector.select(new FakeSignals(2))).isEqualTo(1);
    assertThat(selector.select(new FakeSignals(2).underWay(1, 2))).isEqualTo(1);
    assertThat(selector.select(new FakeSignals(2).underWay(1, 8))).isEqualTo(0);
  }
}
