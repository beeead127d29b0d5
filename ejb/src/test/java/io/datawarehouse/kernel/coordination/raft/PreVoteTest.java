package io.datawarehouse.kernel.coordination.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import org.junit.jupiter.api.Test;

final class PreVoteTest {

  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  private final PreVote preVote = new PreVote(100);

  @Test
  void whoAnswersAgreesAsLongAsTheQuestionIsFresh() {
    long number = preVote.ask(1_000);
    preVote.agree(B, number);

    assertThat(preVote.agreeing(1_100)).containsExactly(B);
    assertThat(preVote.agreeing(1_101)).isEmpty();
  }

  @Test
  void anAnswerThatComesLateIsAsOldAsItsQuestion() {
    long early = preVote.ask(1_000);
    long late = preVote.ask(2_000);
    preVote.agree(B, early);
    preVote.agree(C, late);
    // Answers may pass each other on their way.
    preVote.agree(C, early);

    assertThat(preVote.agreeing(2_050)).containsExactly(C);
  }

  @Test
  void whatNobodyAskedIsNoAnswer() {
    preVote.agree(B, preVote.ask(1_000) + 1);

    assertThat(preVote.agreeing(1_000)).isEmpty();
  }

  @Test
  void answersFromBeforeALeaderWasKnownDoNotCount() {
    long before = preVote.ask(1_000);
    preVote.agree(B, before);
    preVote.end();
    preVote.agree(C, before);

    assertThat(preVote.agreeing(1_000)).isEmpty();
    preVote.agree(C, preVote.ask(1_010));
    assertThat(preVote.agreeing(1_010)).containsExactly(C);
  }
}
