package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseBookTest {

  private static final LeasePlace SEGMENT = LeasePlace.hashed(7);
  private static final NodeId HOLDER = new NodeId("holder");
  private static final NodeId OTHER = new NodeId("other");
  private static final BlobKey KEY = BlobKey.of("bucket", "key");
  private static final Duration LENGTH = Duration.ofSeconds(2);

  private final AtomicLong nanos = new AtomicLong(100);
  private final LeaseBook book = new LeaseBook(LENGTH, nanos::get, "life");

  LeaseBookTest() {
    pass(LENGTH);
    book.welcome(SEGMENT, List.of(HOLDER));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private String name() {
    return book.ask(HOLDER, SEGMENT).orElseThrow().name();
  }

  @Test
  void givesLeasesToThoseWhoAreWelcomeAlone() {
    assertThat(book.ask(OTHER, SEGMENT)).isEmpty();
    assertThat(book.ask(HOLDER, LeasePlace.hashed(8))).isEmpty();
    assertThat(book.ask(HOLDER, SEGMENT)).isPresent();
    assertThat(book.holders(SEGMENT)).containsExactly(HOLDER);
  }

  @Test
  void anUnbrokenLeaseKeepsItsNameAndOneAfterAGapGetsAnother() {
    String first = name();
    pass(LENGTH.minusMillis(1));
    assertThat(name()).isEqualTo(first);

    pass(LENGTH);

    assertThat(book.holders(SEGMENT)).isEmpty();
    assertThat(name()).isNotEqualTo(first);
  }

  @Test
  void aChangeIsFreeAtOnceWhereThereAreNoLeases() {
    try (LeaseBook.Change change = book.begin(KEY, SEGMENT)) {
      assertThat(change.remaining()).isZero();
      assertThat(change.waitingFor()).isEmpty();
    }
  }

  @Test
  void aChangeWaitsForAnswersOrForTheEndOfLeases() {
    book.welcome(SEGMENT, List.of(HOLDER, OTHER));
    name();
    pass(Duration.ofMillis(500));
    assertThat(book.ask(OTHER, SEGMENT)).isPresent();

    try (LeaseBook.Change change = book.begin(KEY, SEGMENT)) {
      assertThat(change.waitingFor()).containsExactly(HOLDER, OTHER);
      assertThat(change.remaining()).isEqualTo(LENGTH.toNanos());
      change.answered(OTHER);
      assertThat(change.remaining()).isEqualTo(LENGTH.minusMillis(500).toNanos());
      change.answered(HOLDER);
      assertThat(change.remaining()).isZero();
    }
    try (LeaseBook.Change change = book.begin(KEY, SEGMENT)) {
      pass(LENGTH);
      assertThat(change.remaining()).isZero();
      assertThat(change.waitingFor()).hasSize(2);
    }
  }

  @Test
  void aLeaseWithAnAnswerOutstandingIsNotProlonged() {
    name();
    try (LeaseBook.Change change = book.begin(KEY, SEGMENT)) {
      assertThat(book.ask(HOLDER, SEGMENT)).isEmpty();
      change.answered(HOLDER);
      assertThat(book.ask(HOLDER, SEGMENT)).isPresent();
    }
  }

  @Test
  void aChangeThatIsGivenUpLeavesTheLeasesRunning() {
    String before = name();
    LeaseBook.Change change = book.begin(KEY, SEGMENT);

    change.close();

    assertThat(book.holders(SEGMENT)).containsExactly(HOLDER);
    assertThat(name()).isEqualTo(before);
    try (LeaseBook.Change next = book.begin(KEY, SEGMENT)) {
      assertThat(next.waitingFor()).containsExactly(HOLDER);
    }
  }

  @Test
  void nothingThatIsReadWhileTheKeyChangesMayBeKept() {
    LeaseBook.Reading before = book.reading(KEY, SEGMENT);
    assertThat(before.mayBeKept()).isTrue();
    LeaseBook.Change change = book.begin(KEY, SEGMENT);

    assertThat(before.mayBeKept()).isFalse();
    assertThat(book.reading(KEY, SEGMENT).mayBeKept()).isFalse();
    assertThat(book.reading(BlobKey.of("bucket", "another"), SEGMENT).mayBeKept()).isTrue();

    change.close();
    assertThat(book.reading(KEY, SEGMENT).mayBeKept()).isTrue();
  }

  @Test
  void twoChangesOfAKeyKeepItFromBeingKeptUntilBothAreOver() {
    LeaseBook.Change first = book.begin(KEY, SEGMENT);
    LeaseBook.Change second = book.begin(KEY, SEGMENT);
    first.close();
    assertThat(book.reading(KEY, SEGMENT).mayBeKept()).isFalse();

    second.close();

    assertThat(book.reading(KEY, SEGMENT).mayBeKept()).isTrue();
  }

  @Test
  void anOwnerWaitsForLeasesItCannotKnow() {
    LeaseBook fresh = new LeaseBook(LENGTH, nanos::get, "another life");
    try (LeaseBook.Change change = fresh.begin(KEY, SEGMENT)) {
      assertThat(change.remaining()).isEqualTo(LENGTH.toNanos());
    }
    book.acquired(SEGMENT);
    try (LeaseBook.Change change = book.begin(KEY, SEGMENT)) {
      assertThat(change.remaining()).isEqualTo(LENGTH.toNanos());
    }
    try (LeaseBook.Change change = book.begin(KEY, LeasePlace.hashed(8))) {
      assertThat(change.remaining()).isZero();
    }
  }

  @Test
  void aSegmentThatIsGivenAwayGetsNoMoreLeases() {
    name();
    pass(Duration.ofMillis(500));

    assertThat(book.pause(SEGMENT)).isEqualTo(LENGTH.minusMillis(500).toNanos());

    assertThat(book.ask(HOLDER, SEGMENT)).isEmpty();
    pass(LENGTH);
    assertThat(book.pause(SEGMENT)).isZero();
  }

  @Test
  void aPauseOutlastsEveryWelcome() {
    name();

    assertThat(book.pause(SEGMENT)).isEqualTo(LENGTH.toNanos());

    book.welcome(SEGMENT, List.of(HOLDER));
    assertThat(book.ask(HOLDER, SEGMENT)).isEmpty();
    assertThat(book.pause(SEGMENT)).isEqualTo(LENGTH.toNanos());
    book.welcome(SEGMENT, List.of(HOLDER));
    book.resume(SEGMENT);
    assertThat(book.ask(HOLDER, SEGMENT)).as("somebody else still wants none").isEmpty();
    book.resume(SEGMENT);
    assertThat(book.ask(HOLDER, SEGMENT)).isPresent();
  }
}
