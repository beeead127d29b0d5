package io.datawarehouse.testkit.storage;

import static io.datawarehouse.testkit.storage.AcknowledgedLedger.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AcknowledgedLedgerTest {

  private final AcknowledgedLedger ledger = new AcknowledgedLedger();

  @Test
  void allowsAbsenceUntilSomethingWasAcknowledged() {
    assertThat(ledger.allowed("k")).containsExactly(ABSENT);
    ledger.attempt(1, "k", "v1");
    assertThat(ledger.allowed("k")).containsExactlyInAnyOrder(ABSENT, "v1");
    ledger.acknowledge(1, "k");
    assertThat(ledger.allowed("k")).containsExactly("v1");
    assertThat(ledger.acknowledged()).isEqualTo(1);
  }

  @Test
  void allowsWhatWasUnderWayOrNeverAnswered() {
    ledger.attempt(1, "k", "v1");
    ledger.attempt(2, "k", "v2");
    ledger.acknowledge(1, "k");
    ledger.acknowledge(2, "k");
    assertThat(ledger.allowed("k")).as("they overlapped").containsExactly("v1", "v2");
    ledger.attempt(3, "k", ABSENT);
    ledger.attempt(4, "k", "v4");
    ledger.acknowledge(3, "k");
    assertThat(ledger.allowed("k")).containsExactlyInAnyOrder(ABSENT, "v4");
    ledger.refuse(4, "k");
    assertThat(ledger.allowed("k")).containsExactly(ABSENT);
  }

  @Test
  void findsLostStaleAndForeignVersions() {
    ledger.attempt(1, "lost", "v1");
    ledger.acknowledge(1, "lost");
    ledger.attempt(2, "stale", "old");
    ledger.acknowledge(2, "stale");
    ledger.attempt(3, "stale", "new");
    ledger.acknowledge(3, "stale");
    ledger.attempt(4, "right", "v4");
    assertThat(ledger.settle(Map.of("stale", "old", "foreign", "x", "right", "v4")))
        .hasSize(3)
        .anyMatch(problem -> problem.startsWith("lost is absent"))
        .anyMatch(problem -> problem.startsWith("stale is old"))
        .anyMatch(problem -> problem.startsWith("foreign is x"));
  }

  @Test
  void beginsTheNextRoundWithWhatWasFound() {
    ledger.attempt(1, "k", "v1");
    assertThat(ledger.settle(Map.of("k", "v1"))).isEmpty();
    assertThat(ledger.allowed("k")).containsExactly("v1");
    assertThat(ledger.settle(Map.of())).hasSize(1);
  }

  @Test
  void refusesAnswersToWhatNobodyAsked() {
    assertThatThrownBy(() -> ledger.acknowledge(9, "k"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
