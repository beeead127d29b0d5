package io.datawarehouse.kernel.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.peer.LinkTable.Admission;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which of two connections with a peer stands. */
class LinkTableTest {

  private static final NodeId SMALL = new NodeId("a");
  private static final NodeId LARGE = new NodeId("b");

  private final LinkTable<String> small = new LinkTable<>(SMALL);
  private final LinkTable<String> large = new LinkTable<>(LARGE);

  @Test
  void callsThatCrossLeaveTheOneOfTheSmallerNode() {
    assertThat(small.beginCall(LARGE, "s1")).contains("");
    assertThat(large.beginCall(SMALL, "l1")).contains("");

    Admission<String> atSmall = small.admit(LARGE, "l1", 1, "", "link l1");
    Admission<String> atLarge = large.admit(SMALL, "s1", 1, "", "link s1");

    assertThat(atSmall).isInstanceOf(Admission.Refused.class);
    assertThat(atLarge).isEqualTo(new Admission.Stands<String>(Optional.empty(), true));
    assertThat(small.completeCall(LARGE, "s1", 1, "s1 here")).isTrue();
    assertThat(large.completeCall(SMALL, "l1", 1, "l1 here")).isFalse();
    assertThat(small.standing()).containsExactly("s1 here");
    assertThat(large.standing()).containsExactly("link s1");
  }

  @Test
  void callOfTheLargerNodeStandsWhereTheSmallerDoesNotCall() {
    large.beginCall(SMALL, "l1");
    assertThat(small.admit(LARGE, "l1", 1, "", "link"))
        .isEqualTo(new Admission.Stands<String>(Optional.empty(), false));
    assertThat(large.completeCall(SMALL, "l1", 1, "link there")).isTrue();
    assertThat(small.beginCall(LARGE, "s1")).isEmpty();
  }

  @Test
  void linkIsReplacedByWhoKnowsThatItIsGone() {
    small.beginCall(LARGE, "s1");
    large.admit(SMALL, "s1", 1, "", "old");
    small.completeCall(LARGE, "s1", 1, "s1 here");
    small.remove(LARGE, "s1 here");

    String replaces = small.beginCall(LARGE, "s2").orElseThrow();

    assertThat(replaces).isEqualTo("s1");
    assertThat(large.admit(SMALL, "s2", 1, replaces, "new"))
        .isEqualTo(new Admission.Stands<>(Optional.of("old"), false));
  }

  @Test
  void linkWhoseWelcomeGotLostIsReplacedToo() {
    small.beginCall(LARGE, "s1");
    large.admit(SMALL, "s1", 1, "", "old");
    small.failCall(LARGE, "s1");

    String replaces = small.beginCall(LARGE, "s2").orElseThrow();

    assertThat(large.admit(SMALL, "s2", 1, replaces, "new"))
        .isEqualTo(new Admission.Stands<>(Optional.of("old"), false));
  }

  @Test
  void staleCallDoesNotReplaceALinkThatItDidNotKnow() {
    small.beginCall(LARGE, "s1");
    small.completeCall(LARGE, "s1", 1, "s1 here");

    assertThat(small.admit(LARGE, "l1", 1, "", "late")).isInstanceOf(Admission.Refused.class);
    assertThat(small.standing()).containsExactly("s1 here");
  }

  @Test
  void laterRunOfAPeerReplacesAndAnEarlierOneIsRefused() {
    large.admit(SMALL, "s1", 5, "", "run 5");

    assertThat(large.admit(SMALL, "s2", 6, "", "run 6"))
        .isEqualTo(new Admission.Stands<>(Optional.of("run 5"), false));
    assertThat(large.admit(SMALL, "s3", 5, "s2", "run 5 again"))
        .isInstanceOf(Admission.Refused.class);
    assertThat(large.named("s2")).contains("run 6");
  }
}
