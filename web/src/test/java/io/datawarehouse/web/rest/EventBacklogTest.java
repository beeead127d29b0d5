package io.datawarehouse.web.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventBacklogTest {

  private static final StreamEvent SMALL = new StreamEvent("1", "t", "x".repeat(372));
  private static final StreamEvent LARGE = new StreamEvent("2", "t", "x".repeat(10_000));

  private final EventBacklog<String> backlog =
      new EventBacklog<>(new EventBacklog.Limits(3, 4_000, 9_000));

  @Test
  void givesEventsInTheirOrderToTheFollowerTheyAreFor() {
    backlog.begin("a");
    backlog.begin("b");
    StreamEvent second = new StreamEvent("3", "t", "");
    backlog.add("a", SMALL);
    backlog.add("a", second);

    assertThat(backlog.next("b")).isNull();
    assertThat(backlog.next("a")).isEqualTo(SMALL);
    backlog.sent("a");
    assertThat(backlog.next("a")).isEqualTo(second);
    backlog.sent("a");
    assertThat(backlog.hasWaiting("a")).isFalse();
    assertThat(backlog.memory()).isZero();
  }

  @Test
  void endsAFollowerForWhomTooMuchWaits() {
    backlog.begin("slow");
    backlog.begin("quick");
    for (int i = 0; i < 4; i++) {
      assertThat(backlog.add("slow", SMALL)).isEmpty();
    }

    assertThat(backlog.add("slow", SMALL)).containsExactly("slow");
    assertThat(backlog.add("slow", SMALL)).isEmpty();
    assertThat(backlog.next("slow")).isNull();
    assertThat(backlog.memory()).isZero();
    assertThat(backlog.add("quick", SMALL)).isEmpty();
    assertThat(backlog.next("quick")).isEqualTo(SMALL);
  }

  @Test
  void countsWhatIsBeingSentUntilItWas() {
    backlog.begin("slow");
    backlog.add("slow", SMALL);
    backlog.next("slow");
    for (int i = 0; i < 3; i++) {
      assertThat(backlog.add("slow", SMALL)).isEmpty();
    }

    assertThat(backlog.memory()).isEqualTo(4_000);
    assertThat(backlog.add("slow", SMALL)).containsExactly("slow");
    assertThat(backlog.memory()).isEqualTo(SMALL.memory());
    assertThat(backlog.size()).isOne();
    backlog.sent("slow");
    assertThat(backlog.memory()).isZero();
    assertThat(backlog.size()).isZero();
  }

  @Test
  void letsASingleEventBeLargerThanWhatMayWait() {
    EventBacklog<String> generous = new EventBacklog<>(new EventBacklog.Limits(3, 4_000, 100_000));
    generous.begin("a");

    assertThat(generous.add("a", LARGE)).isEmpty();
    assertThat(generous.add("a", SMALL)).containsExactly("a");
  }

  @Test
  void endsTheOneThatHasTakenNothingForLongestWhereAllHaveTooMuch() {
    backlog.begin("slow");
    backlog.begin("slower");
    backlog.begin("quick");
    for (int i = 0; i < 3; i++) {
      backlog.add("slow", SMALL);
      backlog.add("slower", SMALL);
    }
    assertThat(backlog.next("slower")).isEqualTo(SMALL);
    assertThat(backlog.next("slow")).isEqualTo(SMALL);
    backlog.sent("slow");
    backlog.add("slow", SMALL);
    for (int i = 0; i < 3; i++) {
      assertThat(backlog.add("quick", SMALL)).isEmpty();
    }
    assertThat(backlog.memory()).isEqualTo(9_000);

    assertThat(backlog.add("quick", SMALL)).containsExactly("slower");
    assertThat(backlog.memory()).isEqualTo(8_000);
    assertThat(backlog.next("quick")).isEqualTo(SMALL);
    assertThat(backlog.next("slow")).isEqualTo(SMALL);
  }

  @Test
  void endsNoMoreFollowersThanOneEventNeeds() {
    EventBacklog<String> crowd = new EventBacklog<>(new EventBacklog.Limits(10, 4_000, 9_000));
    for (int i = 0; i < 9; i++) {
      String follower = ("f" + i).intern();
      crowd.begin(follower);
      assertThat(crowd.add(follower, SMALL)).isEmpty();
      assertThat(crowd.next(follower)).isEqualTo(SMALL);
    }

    assertThat(crowd.add("f8", SMALL)).containsExactly("f0");
    assertThat(crowd.add("f8", SMALL)).containsExactly("f1");
    assertThat(crowd.memory()).as("two are on their way out").isEqualTo(11_000);

    crowd.sent("f0");
    crowd.sent("f1");
    assertThat(crowd.memory()).isEqualTo(9_000);
    assertThat(crowd.add("f8", SMALL)).containsExactly("f2");
    crowd.sent("f2");
    crowd.end("f3");
    crowd.end("f3");
    assertThat(crowd.add("f8", LARGE)).containsExactly("f8");
  }

  @Test
  void endsNobodyElseForAnEventThatIsTooLargeForAllTogether() {
    backlog.begin("a");
    backlog.begin("b");
    backlog.add("a", SMALL);

    assertThat(backlog.add("b", LARGE)).containsExactly("b");
    assertThat(backlog.next("a")).isEqualTo(SMALL);
  }

  @Test
  void takesInSoManyFollowersAndNoMore() {
    assertThat(backlog.begin("a")).isTrue();
    assertThat(backlog.begin("b")).isTrue();
    assertThat(backlog.begin("c")).isTrue();
    assertThat(backlog.begin("d")).isFalse();

    backlog.end("b");

    assertThat(backlog.begin("d")).isTrue();
  }

  @Test
  void allowsForAShareOfTheHeap() {
    EventBacklog.Limits limits = EventBacklog.Limits.ofHeap(512L << 20);

    assertThat(limits.memoryOfAll()).isEqualTo(32L << 20);
    assertThat(limits.memoryOfOne()).isEqualTo(8L << 20);
    assertThat(EventBacklog.Limits.ofHeap(64L << 20).memoryOfOne()).isEqualTo(2L << 20);
  }
}
