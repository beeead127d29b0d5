package io.datawarehouse.kernel.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.TopicPattern;
import io.datawarehouse.testkit.kernel.InMemoryKernelStorage;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who is waited for, over restarts of this node and of all. */
class ExpectedListenersTest {

  private static final Duration FORGET_AFTER = Duration.ofHours(24);
  private static final Duration MEETING = Duration.ofSeconds(30);
  private static final Duration REST = Duration.ofSeconds(5);
  private static final NodeId TWO = new NodeId("node-2");
  private static final NodeId THREE = new NodeId("node-3");

  private final ManualClock clock = new ManualClock();
  private final InMemoryKernelStorage storage = new InMemoryKernelStorage();

  /** Makes what a run begins with. */
  private ExpectedListeners run() {
    return new ExpectedListeners(storage, clock, FORGET_AFTER);
  }

  private static Set<TopicPattern> patterns(String... texts) {
    return Arrays.stream(texts).map(TopicPattern::of).collect(Collectors.toSet());
  }

  private static NodeInterests says(boolean starting, String... texts) {
    return NodeInterests.of(1, 1, starting, Set.of(), patterns(texts));
  }

  /** A run in which two nodes were there and whole. */
  private ExpectedListeners firstRun() {
    ExpectedListeners first = run();
    first.known(List.of(TWO, THREE));
    first.said(TWO, says(false, "orders.*"));
    first.said(THREE, says(false, "orders.*", "news.*"));
    first.write();
    return first;
  }

  @Test
  void nodeThatIsNotBackAfterARestartOfAllIsWaitedFor() {
    ExpectedListeners unused = firstRun();

    ExpectedListeners second = run();
    second.known(List.of(TWO));

    assertThat(second.patterns())
        .containsEntry(TWO, patterns("orders.*"))
        .containsEntry(THREE, patterns("orders.*", "news.*"));
  }

  @Test
  void runWhosePluginsAreNotAllThereTakesNothingAwayAndAWholeOneDoes() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();

    second.said(THREE, says(true, "more.*"));
    assertThat(second.patterns().get(THREE)).isEqualTo(patterns("orders.*", "news.*", "more.*"));

    second.said(THREE, says(false, "more.*"));
    second.write();
    assertThat(run().patterns().get(THREE)).isEqualTo(patterns("more.*"));
  }

  @Test
  void nodeThatTheMembershipForgetsIsWaitedForNoLonger() {
    ExpectedListeners first = firstRun();

    first.known(List.of(TWO));
    first.write();

    assertThat(first.patterns()).containsOnlyKeys(TWO);
    assertThat(run().patterns()).containsOnlyKeys(TWO);
  }

  /** Lets a run go on until others could be met. */
  private void meet(ExpectedListeners run) {
    assertThat(run.forgetMissed()).isFalse();
    clock.advance(MEETING);
  }

  @Test
  void nodeThatNobodyHasSeenIsForgottenAfterItsTimeAndNotBefore() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    second.known(List.of(TWO));
    meet(second);

    clock.advance(FORGET_AFTER.minusMillis(1));
    assertThat(second.forgetMissed()).isFalse();
    assertThat(second.patterns()).containsKey(THREE);

    clock.advance(Duration.ofMillis(1));
    assertThat(second.forgetMissed()).isTrue();
    second.write();
    assertThat(second.patterns()).containsOnlyKeys(TWO);
    assertThat(run().patterns()).containsOnlyKeys(TWO);
  }

  @Test
  void howLongAllNodesWereDownDoesNotCount() {
    ExpectedListeners unused = firstRun();
    clock.advance(FORGET_AFTER.multipliedBy(3));

    ExpectedListeners second = run();
    meet(second);

    assertThat(second.forgetMissed()).isFalse();
    assertThat(second.patterns()).containsKey(THREE);
  }

  @Test
  void howLongAllNodesWereDownDoesNotCountForOneThatWasMissedBefore() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    second.known(List.of(TWO));
    meet(second);
    clock.advance(Duration.ofHours(1));
    assertThat(second.forgetMissed()).isFalse();
    second.write();
    clock.advance(FORGET_AFTER.multipliedBy(3));

    ExpectedListeners third = run();
    meet(third);
    clock.advance(FORGET_AFTER.minusHours(1).minusMillis(1));

    assertThat(third.forgetMissed()).isFalse();
    assertThat(third.patterns()).containsOnlyKeys(TWO, THREE);
  }

  @Test
  void restartDoesNotBeginTheTimeOfAMissedNodeAnew() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    second.known(List.of(TWO));
    meet(second);
    clock.advance(FORGET_AFTER.minusMinutes(1));
    assertThat(second.forgetMissed()).isFalse();
    second.write();

    ExpectedListeners third = run();
    third.known(List.of(TWO));
    meet(third);
    clock.advance(Duration.ofMinutes(1));

    assertThat(third.forgetMissed()).isTrue();
    assertThat(third.patterns()).containsOnlyKeys(TWO);
  }

  @Test
  void nodeThatIsMetSoonAfterAStartIsNotForgottenThoughItsTimeWasAlmostOver() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    meet(second);
    clock.advance(FORGET_AFTER.minusMillis(1));
    assertThat(second.forgetMissed()).isFalse();
    second.write();

    ExpectedListeners third = run();
    assertThat(third.forgetMissed()).isFalse();
    clock.advance(MEETING.minusMillis(1));
    assertThat(third.forgetMissed()).isFalse();
    third.known(List.of(TWO, THREE));
    clock.advance(FORGET_AFTER);

    assertThat(third.forgetMissed()).isFalse();
    assertThat(third.patterns()).containsOnlyKeys(TWO, THREE);
  }

  @Test
  void clockThatIsPutBackDoesNotStopTheCounting() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    second.known(List.of(TWO));
    meet(second);
    clock.advance(FORGET_AFTER.multipliedBy(2).negated());
    meet(second);
    clock.advance(FORGET_AFTER);

    assertThat(second.forgetMissed()).isTrue();
  }

  @Test
  void nodeThatIsSeenAgainIsMissedNoLonger() {
    ExpectedListeners unused = firstRun();
    ExpectedListeners second = run();
    meet(second);
    clock.advance(FORGET_AFTER.minusMinutes(1));
    assertThat(second.forgetMissed()).isFalse();
    second.known(List.of(TWO, THREE));
    second.write();
    clock.advance(FORGET_AFTER);

    assertThat(second.forgetMissed()).isFalse();
    assertThat(run().patterns()).containsOnlyKeys(TWO, THREE);
  }

  @Test
  void recordThatComesBeforeTheMembershipKnowsItsNodeIsKept() {
    ExpectedListeners first = run();
    first.known(List.of(TWO));

    first.said(THREE, says(false, "news.*"));
    first.known(List.of(TWO));

    assertThat(first.patterns()).containsKey(THREE);
  }

  @Test
  void whatCannotBeReadIsLeftOut() {
    ExpectedListeners unused = firstRun();
    storage.put("heard.node-2", Bytes.copyOf("{".getBytes(StandardCharsets.UTF_8)));

    assertThat(run().patterns()).containsOnlyKeys(THREE);
  }

  @Test
  void whatADiskRefusesIsWrittenWithTheNext() {
    RefusingStorage disk = new RefusingStorage(storage);
    ExpectedListeners first = new ExpectedListeners(disk, clock, FORGET_AFTER);
    first.known(List.of(TWO));
    first.said(TWO, says(false, "orders.*"));
    disk.full = true;
    first.write();
    disk.full = false;
    clock.advance(REST);
    assertThat(first.due()).isTrue();
    first.write();

    assertThat(first.due()).isFalse();
    assertThat(run().patterns()).containsKey(TWO);
  }

  @Test
  void diskThatIsFullIsLeftAloneForAWhile() {
    RefusingStorage disk = new RefusingStorage(storage);
    ExpectedListeners first = new ExpectedListeners(disk, clock, FORGET_AFTER);
    first.known(List.of(TWO));
    first.said(TWO, says(false, "orders.*"));
    assertThat(first.due()).isTrue();
    disk.full = true;

    first.write();

    assertThat(first.due()).isFalse();
    clock.advance(REST.minusMillis(1));
    assertThat(first.due()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(first.due()).isTrue();
  }

  /** A disk that may be full. */
  private static final class RefusingStorage implements KernelStorage {

    private final KernelStorage storage;
    private boolean full;

    RefusingStorage(KernelStorage storage) {
      this.storage = storage;
    }

    @Override
    public Optional<Bytes> get(String key) {
      return storage.get(key);
    }

    @Override
    public void put(String key, Bytes value) {
      if (full) {
        throw new WarehouseException(StandardErrorCode.DISK_FULL, "no room");
      }
      storage.put(key, value);
    }

    @Override
    public boolean delete(String key) {
      return storage.delete(key);
    }

    @Override
    public List<String> keys(String prefix) {
      return storage.keys(prefix);
    }
  }
}
