package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jgroups.Address;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.ByteArrayDataOutputStream;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.Util;
import org.junit.jupiter.api.Test;

final class CarefulElectionTest {

  private static final Address A = address("a");
  private static final Address B = address("b");
  private static final Address C = address("c");
  private static final List<String> THREE = List.of("a", "b", "c");
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  private final Map<Address, Candidacy> votes = new HashMap<>();

  @Test
  void whoHasAllThatAMajorityHasMayLead() {
    vote(A, 3, 10, true, THREE);
    vote(B, 3, 12, true, THREE);

    assertThat(CarefulElection.leader(votes)).isEqualTo(B);
  }

  @Test
  void aLaterTermIsMoreThanALongerLog() {
    vote(A, 4, 10, true, THREE);
    vote(B, 3, 12, true, THREE);

    assertThat(CarefulElection.leader(votes)).isEqualTo(A);
  }

  @Test
  void whoHandsOverIsPassedOver() {
    vote(A, 3, 12, false, THREE);
    vote(B, 3, 12, true, THREE);

    assertThat(CarefulElection.leader(votes)).isEqualTo(B);
  }

  @Test
  void nobodyLeadsWhoLacksWhatHeThatHandsOverHas() {
    vote(A, 3, 12, false, THREE);
    vote(B, 3, 11, true, THREE);

    assertThat(CarefulElection.leader(votes)).isNull();
  }

  @Test
  void theVotersOfTheLongerLogCountNotThoseOfWhoCollects() {
    // The cluster grew while A was away: two of three are not enough any more.
    vote(A, 3, 10, true, THREE);
    vote(B, 3, 12, true, FIVE);
    assertThat(CarefulElection.leader(votes)).isNull();

    vote(C, 3, 11, true, FIVE);
    assertThat(CarefulElection.leader(votes)).isEqualTo(B);
  }

  @Test
  void whoHasNoVoteByItsOwnLogDoesNotLead() {
    vote(A, 3, 12, true, List.of("b", "c"));
    vote(B, 3, 12, true, List.of("b", "c"));
    vote(C, 3, 12, true, List.of("b", "c"));

    assertThat(CarefulElection.leader(votes)).isEqualTo(B);
  }

  @Test
  void aVoteIsReadAsItWasWritten() throws Exception {
    Candidacy vote = new Candidacy(7, 3, 12, true, FIVE);
    ByteArrayDataOutputStream out = new ByteArrayDataOutputStream(64);
    vote.writeTo(out);
    Candidacy read = new Candidacy();
    read.readFrom(new ByteArrayDataInputStream(out.buffer(), 0, out.position()));

    assertThat(out.position()).isEqualTo(vote.serializedSize());
    assertThat(read.currTerm()).isEqualTo(7);
    assertThat(read.voters()).isEqualTo(FIVE);
    assertThat(read.stands()).isTrue();
    assertThat(read.covers(vote) && vote.covers(read)).isTrue();
  }

  private void vote(Address voter, long term, long index, boolean stands, List<String> voters) {
    votes.put(voter, new Candidacy(9, term, index, stands, voters));
  }

  private static Address address(String node) {
    return ExtendedUUID.randomUUID(node).put(RAFT.raft_id_key, Util.stringToBytes(node));
  }
}
