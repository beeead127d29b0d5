package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class VotersTest {

  private final Voters voters = new Voters();

  @Test
  void aChangeCountsFromWhereItIsWrittenUntilItIsCut() {
    voters.begin(0, List.of("b", "a"));
    voters.add(4, "c");
    voters.remove(6, "a");
    assertThat(voters.latest()).containsExactly("b", "c");
    assertThat(voters.changesAfter(5)).isTrue();

    voters.cut(6);
    assertThat(voters.latest()).containsExactly("a", "b", "c");
    assertThat(voters.changesAfter(4)).isFalse();

    voters.cut(3);
    assertThat(voters.latest()).containsExactly("a", "b");
  }

  @Test
  void whatASnapshotHoldsIsForgottenButForWhatItCameTo() {
    voters.begin(0, List.of("a"));
    voters.add(4, "b");
    voters.add(9, "c");
    voters.forget(7);

    assertThat(voters.latest()).containsExactly("a", "b", "c");
    voters.cut(9);
    assertThat(voters.latest()).containsExactly("a", "b");
    assertThat(voters.knows(3)).isTrue();
    assertThat(voters.knows(8)).isFalse();
  }

  @Test
  void aMajorityIsMoreThanHalf() {
    voters.begin(0, List.of("a", "b", "c", "d"));
    assertThat(voters.majority()).isEqualTo(3);
    voters.remove(1, "d");
    assertThat(voters.majority()).isEqualTo(2);
  }
}
