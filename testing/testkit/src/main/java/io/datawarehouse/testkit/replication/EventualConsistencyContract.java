package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.replication.CausalDelivery;
import io.datawarehouse.sdk.replication.Dot;
import io.datawarehouse.sdk.replication.DottedVersion;
import io.datawarehouse.sdk.replication.EventualConsistency;
import io.datawarehouse.sdk.replication.VersionVector;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What an {@link EventualConsistency} must do, over networks that lose, repeat and reorder. */
public abstract class EventualConsistencyContract {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final List<NodeId> ALL = List.of(A, B, C);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final int SEEDS = 50;

  /** Makes the tracking of a node that has seen nothing yet. */
  protected abstract EventualConsistency tracking(NodeId node);

  /** Plays a restart of that node; the object before is not used again. */
  protected abstract EventualConsistency restarted(NodeId node, EventualConsistency before);

  /** Returns how many versions may wait at most, at least 10. */
  protected abstract int mostWaiting();

  @Test
  void writesAreNamedInRisingOrderWithoutAGap() {
    EventualConsistency a = tracking(A);
    for (long counter = 1; counter <= 5; counter++) {
      assertThat(a.write(a.seen()).dot()).isEqualTo(new Dot(A, counter));
      assertThat(a.seen().counter(A)).isEqualTo(counter);
    }
    assertThat(a.write(VersionVector.empty()).dot()).isEqualTo(new Dot(A, 6));
  }

  @Test
  void namesGoOnAfterARestart() {
    EventualConsistency a = tracking(A);
    a.write(a.seen());
    a.write(a.seen());

    EventualConsistency again = restarted(A, a);

    assertThat(again.seen().counter(A)).isEqualTo(2);
    assertThat(again.write(again.seen()).dot()).isEqualTo(new Dot(A, 3));
  }

  @Test
  void manyWritersGetNamesOfTheirOwn() {
    EventualConsistency a = tracking(A);

    List<List<DottedVersion>> written =
        Crowd.all(
            4,
            SOON,
            thread -> {
              List<DottedVersion> own = new ArrayList<>();
              for (int i = 0; i < 50; i++) {
                own.add(a.write(VersionVector.empty()));
              }
              return own;
            });

    assertThat(written.stream().flatMap(List::stream).map(DottedVersion::dot).distinct())
        .hasSize(200);
    assertThat(a.seen().counter(A)).isEqualTo(200);
  }

  @Test
  void writeHasSeenWhatItsWriterHadSeenElsewhere() {
    EventualConsistency a = tracking(A);
    EventualConsistency b = tracking(B);
    a.write(a.seen());

    DottedVersion ahead = b.write(a.seen());

    assertThat(ahead.past().covers(new Dot(A, 1))).isTrue();
    EventualConsistency c = tracking(C);
    assertThat(c.arrive(ahead)).isEqualTo(new CausalDelivery.Waiting(Set.of(new Dot(A, 1))));
  }

  @Test
  void effectWaitsForItsCauseAndBothComeTogether() {
    EventualConsistency a = tracking(A);
    EventualConsistency b = tracking(B);
    DottedVersion question = a.write(a.seen());
    b.arrive(question);
    DottedVersion answer = b.write(b.seen());
    EventualConsistency c = tracking(C);

    assertThat(c.arrive(answer)).isEqualTo(new CausalDelivery.Waiting(Set.of(question.dot())));
    assertThat(c.waiting()).isEqualTo(1);
    assertThat(c.seen()).isEqualTo(VersionVector.empty());
    assertThat(c.arrive(question))
        .isEqualTo(new CausalDelivery.Delivered(List.of(question, answer)));
    assertThat(c.waiting()).isZero();
    assertThat(c.seen()).isEqualTo(b.seen());
  }

  @Test
  void whatIsMissingIsNamedByItsLastWrite() {
    EventualConsistency a = tracking(A);
    List<DottedVersion> written = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      written.add(a.write(a.seen()));
    }

    assertThat(tracking(B).arrive(written.get(2)))
        .isEqualTo(new CausalDelivery.Waiting(Set.of(new Dot(A, 2))));
  }

  @Test
  void versionIsDeliveredOnce() {
    EventualConsistency a = tracking(A);
    DottedVersion first = a.write(a.seen());
    DottedVersion second = a.write(a.seen());
    EventualConsistency b = tracking(B);

    b.arrive(second);
    assertThat(b.arrive(second)).isEqualTo(new CausalDelivery.Duplicate(second.dot()));
    assertThat(b.arrive(first)).isInstanceOf(CausalDelivery.Delivered.class);
    assertThat(b.arrive(first)).isEqualTo(new CausalDelivery.Duplicate(first.dot()));
    assertThat(b.arrive(second)).isEqualTo(new CausalDelivery.Duplicate(second.dot()));
    assertThat(a.arrive(first)).as("its own").isEqualTo(new CausalDelivery.Duplicate(first.dot()));
  }

  @Test
  void allNodesComeToTheSameWhateverTheNetworkDoes() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Map<NodeId, EventualConsistency> nodes = new TreeMap<>();
      Map<NodeId, List<DottedVersion>> delivered = new TreeMap<>();
      for (NodeId node : ALL) {
        nodes.put(node, tracking(node));
        delivered.put(node, new ArrayList<>());
      }
      List<DottedVersion> all = new ArrayList<>();
      for (int step = 0; step < 30; step++) {
        NodeId writer = ALL.get(random.nextInt(3));
        DottedVersion version = nodes.get(writer).write(nodes.get(writer).seen());
        all.add(version);
        delivered.get(writer).add(version);
        NodeId reader = ALL.get(random.nextInt(3));
        arrive(nodes.get(reader), all.get(random.nextInt(all.size())), delivered.get(reader));
      }
      for (NodeId node : ALL) {
        for (int round = 0; round < 3; round++) {
          List<DottedVersion> network = new ArrayList<>(all);
          Collections.shuffle(network, random);
          network.forEach(version -> arrive(nodes.get(node), version, delivered.get(node)));
        }
        requireAllOnceAndCausesFirst(seed, nodes.get(node), delivered.get(node));
      }
      assertThat(nodes.values()).extracting(EventualConsistency::seen).containsOnly(seenOf(all));
    }
  }

  private static void arrive(
      EventualConsistency node, DottedVersion version, List<DottedVersion> delivered) {
    try {
      if (node.arrive(version) instanceof CausalDelivery.Delivered news) {
        delivered.addAll(news.versions());
      }
    } catch (WarehouseException e) {
      assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL);
    }
  }

  private static void requireAllOnceAndCausesFirst(
      long seed, EventualConsistency node, List<DottedVersion> delivered) {
    assertThat(node.waiting()).as("seed %s", seed).isZero();
    assertThat(delivered).as("seed %s", seed).hasSize(30).doesNotHaveDuplicates();
    VersionVector past = VersionVector.empty();
    for (DottedVersion version : delivered) {
      assertThat(past.covers(version.past())).as("causes first, seed %s", seed).isTrue();
      past = past.with(version.dot());
    }
  }

  private static VersionVector seenOf(List<DottedVersion> versions) {
    return versions.stream()
        .map(DottedVersion::seen)
        .reduce(VersionVector.empty(), VersionVector::merge);
  }

  @Test
  void whatWaitsIsBoundedAndMayBeSentAgain() {
    EventualConsistency a = tracking(A);
    DottedVersion cause = a.write(a.seen());
    List<DottedVersion> effects = new ArrayList<>();
    for (int i = 0; i <= mostWaiting(); i++) {
      effects.add(a.write(a.seen()));
    }
    EventualConsistency b = tracking(B);

    for (DottedVersion effect : effects.subList(0, mostWaiting())) {
      assertThat(b.arrive(effect)).isInstanceOf(CausalDelivery.Waiting.class);
    }
    DottedVersion tooMuch = effects.get(mostWaiting());
    assertThatThrownBy(() -> b.arrive(tooMuch))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
    assertThat(b.waiting()).isEqualTo(mostWaiting());
    assertThat(b.arrive(cause)).isInstanceOf(CausalDelivery.Delivered.class);
    assertThat(b.arrive(tooMuch)).isInstanceOf(CausalDelivery.Delivered.class);
    assertThat(b.seen()).isEqualTo(a.seen());
  }

  @Test
  void readerGetsAtLeastWhatItHasSeenElsewhere() {
    EventualConsistency a = tracking(A);
    EventualConsistency b = tracking(B);
    DottedVersion written = a.write(a.seen());
    CompletionStage<Boolean> ready = b.awaitSeen(a.seen(), SOON);
    assertThat(ready.toCompletableFuture()).isNotDone();

    b.arrive(written);

    assertThat(Stages.get(ready, SOON)).isTrue();
    assertThat(Stages.get(b.awaitSeen(a.seen(), SHORT), SOON)).isTrue();
    assertThat(Stages.get(b.awaitSeen(VersionVector.of(Map.of(A, 9L)), SHORT), SOON)).isFalse();
  }

  @Test
  void onlyWhatAllHaveSeenMayBeForgotten() {
    EventualConsistency a = tracking(A);
    EventualConsistency b = tracking(B);
    b.arrive(a.write(a.seen()));
    a.write(a.seen());

    assertThat(a.stable(Set.of(A, B))).isEmpty();
    a.seenBy(B, b.seen());
    assertThat(a.stable(Set.of(A, B))).contains(VersionVector.of(Map.of(A, 1L)));
    a.seenBy(B, VersionVector.empty());
    assertThat(a.stable(Set.of(A, B)))
        .as("older news change nothing")
        .contains(VersionVector.of(Map.of(A, 1L)));
    assertThat(a.stable(Set.of(A, B, C))).isEqualTo(Optional.empty());
  }

  @Test
  void versionsMayArriveOnManyThreads() {
    EventualConsistency a = tracking(A);
    List<DottedVersion> written = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      written.add(a.write(a.seen()));
    }
    EventualConsistency b = tracking(B);

    List<List<DottedVersion>> delivered =
        Crowd.all(
            4,
            SOON,
            thread -> {
              List<DottedVersion> own = new ArrayList<>();
              for (int round = 0; round < 100; round++) {
                for (DottedVersion version : written) {
                  arrive(b, version, own);
                }
              }
              return own;
            });

    assertThat(delivered.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(written);
    assertThat(b.seen()).isEqualTo(a.seen());
  }
}
