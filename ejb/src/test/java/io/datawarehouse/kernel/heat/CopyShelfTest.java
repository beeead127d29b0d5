package io.datawarehouse.kernel.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.heat.CopyShelf.Copy;
import io.datawarehouse.kernel.heat.CopyShelf.Fetch;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.testkit.contract.Allocations;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CopyShelfTest {

  private static final int SEGMENT = 5;
  private static final LeasePlace PLACE = LeasePlace.hashed(SEGMENT);
  private static final NodeId OWNER = new NodeId("owner");
  private static final CopyShelf.Source SOURCE = new CopyShelf.Source(OWNER, PLACE);
  private static final Duration LENGTH = Duration.ofSeconds(2);
  private static final int MOST = 100_000;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final CopyShelf shelf = new CopyShelf(nanos::get, MOST);

  private static BlobKey key(int number) {
    return BlobKey.of("bucket", "key-" + number);
  }

  private static Copy copy(BlobKey key, int size) {
    return new Copy(LinearizableCopiesTest.copy(key, 0).manifest(), Bytes.copyOf(new byte[size]));
  }

  private void lease(String name) {
    shelf.granted(SOURCE, name, nanos.get(), LENGTH);
  }

  private boolean keep(BlobKey key, int size) {
    return shelf.keep(shelf.fetch(key, SOURCE).orElseThrow(), copy(key, size));
  }

  private boolean has(BlobKey key) {
    return shelf.find(key, SEGMENT, SOURCE).isPresent();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void servesUnderALeaseAlone() {
    assertThat(shelf.fetch(key(1), SOURCE)).isEmpty();
    lease("a");
    assertThat(keep(key(1), 10)).isTrue();
    assertThat(has(key(1))).isTrue();
    assertThat(shelf.find(key(1), SEGMENT, new CopyShelf.Source(new NodeId("other"), PLACE)))
        .isEmpty();

    pass(LENGTH.multipliedBy(9).dividedBy(10));

    assertThat(has(key(1))).isFalse();
    assertThat(shelf.holds(OWNER, PLACE)).isFalse();
    assertThat(shelf.knows(OWNER, PLACE)).isTrue();
  }

  @Test
  void copiesOutliveALeaseThatWasUnbrokenForTheOwner() {
    lease("a");
    keep(key(1), 10);
    pass(LENGTH);

    lease("a");
    assertThat(has(key(1))).isTrue();

    lease("b");
    assertThat(has(key(1))).isFalse();
    assertThat(shelf.bytes()).isZero();
  }

  @Test
  void anAnswerThatIsLateProlongsNothing() {
    shelf.granted(SOURCE, "a", nanos.get() - LENGTH.toNanos(), LENGTH);

    assertThat(shelf.holds(OWNER, PLACE)).isFalse();
  }

  @Test
  void whatIsDroppedWhileItIsFetchedIsNotKept() {
    lease("a");
    Fetch fetch = shelf.fetch(key(1), SOURCE).orElseThrow();

    shelf.drop(key(1));

    assertThat(shelf.keep(fetch, copy(key(1), 10))).isFalse();
    assertThat(has(key(1))).isFalse();
  }

  @Test
  void whatIsFetchedUnderOneLeaseIsNotKeptUnderTheNext() {
    lease("a");
    Fetch fetch = shelf.fetch(key(1), SOURCE).orElseThrow();
    lease("b");

    assertThat(shelf.keep(fetch, copy(key(1), 10))).isFalse();
  }

  @Test
  void neverTakesMoreThanItMay() {
    long seed = 77;
    Random random = new Random(seed);
    lease("a");
    for (int i = 0; i < 5_000; i++) {
      keep(key(random.nextInt(500)), random.nextInt(3_000));
      assertThat(shelf.bytes()).as("seed %d", seed).isBetween(0L, (long) MOST);
    }
    assertThat(keep(key(1), MOST)).isFalse();

    shelf.end(SOURCE);

    assertThat(shelf.bytes()).isZero();
    assertThat(shelf.size()).isZero();
  }

  @Test
  void whatIsUsedStaysLonger() {
    lease("a");
    keep(key(0), 1_000);
    for (int i = 1; i < 1_000; i++) {
      assertThat(has(key(0))).isTrue();
      keep(key(i), 1_000);
    }

    assertThat(has(key(0))).isTrue();
    assertThat(has(key(1))).isFalse();
  }

  @Test
  void countsWhatItServedUntilItIsTold() {
    lease("a");
    keep(key(1), 10);
    has(key(1));
    has(key(1));
    has(key(2));

    shelf.served(SOURCE, SEGMENT, 30);

    assertThat(shelf.takeServed(SOURCE))
        .containsExactly(new HeatMessages.Served(Optional.empty(), SEGMENT, 2, 30));
    assertThat(shelf.takeServed(SOURCE)).isEmpty();
  }

  @Test
  void clearingDropsWhatIsThereAndWhatIsOnItsWay() {
    lease("a");
    keep(key(1), 10);
    Fetch fetch = shelf.fetch(key(2), SOURCE).orElseThrow();

    shelf.clear();

    assertThat(has(key(1))).isFalse();
    assertThat(shelf.keep(fetch, copy(key(2), 10))).isFalse();
    assertThat(keep(key(3), 10)).isTrue();
  }

  @Test
  void leasesThatAreOverAreForgotten() {
    lease("a");
    keep(key(1), 10);
    pass(Duration.ofMinutes(1));

    shelf.tidy();

    assertThat(shelf.knows(OWNER, PLACE)).isFalse();
    assertThat(shelf.bytes()).isZero();
  }

  @Test
  void askingWhetherItHoldsALeaseAllocatesNothing() {
    lease("a");
    Allocations.requireNone(
        "asking for a lease", i -> shelf.holds(OWNER, LeasePlace.hashed(i & 255)));
  }
}
