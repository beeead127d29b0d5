package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class QuorumContactTest {

  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  private final QuorumContact contact = new QuorumContact();

  @Test
  void beingElectedIsAContact() {
    contact.begin(100);

    assertThat(contact.reached(FIVE, "a", 900)).isEqualTo(100);
  }

  @Test
  void oneThatIsAloneIsAlwaysInContact() {
    contact.begin(100);

    assertThat(contact.reached(List.of("a"), "a", 900)).isEqualTo(900);
  }

  @Test
  void itIsWhenTheSignWasSentThatAMajorityAnswered() {
    contact.begin(100);
    long first = contact.send(200);
    long second = contact.send(300);
    contact.answer("b", second);
    assertThat(contact.reached(FIVE, "a", 900)).isEqualTo(100);

    contact.answer("c", first);
    assertThat(contact.reached(FIVE, "a", 900)).isEqualTo(200);

    contact.answer("d", second);
    assertThat(contact.reached(FIVE, "a", 900)).isEqualTo(300);
  }

  @Test
  void answersOfThoseWithoutAVoteDoNotCount() {
    contact.begin(100);
    long sign = contact.send(200);
    contact.answer("x", sign);
    contact.answer("y", sign);

    assertThat(contact.reached(List.of("a", "b", "c"), "a", 900)).isEqualTo(100);
  }

  @Test
  void aClockThatWrapsAroundDoesNotMatter() {
    contact.begin(Long.MAX_VALUE - 10);
    long sign = contact.send(Long.MIN_VALUE + 10);
    contact.answer("b", sign);

    assertThat(contact.reached(List.of("a", "b", "c"), "a", Long.MIN_VALUE + 50))
        .isEqualTo(Long.MIN_VALUE + 10);
  }
}
