package io.datawarehouse.sdk.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A use of causal tracking: three nodes that write to each other over a bad network. */
class EventualConsistencyUseTest {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  @Test
  void effectWaitsForItsCause() {
    Tracker a = new Tracker(A);
    Tracker b = new Tracker(B);
    DottedVersion question = a.write(a.seen());
    assertThat(b.arrive(question)).isInstanceOf(CausalDelivery.Delivered.class);
    DottedVersion answer = b.write(b.seen());
    Tracker c = new Tracker(C);

    assertThat(c.arrive(answer)).isEqualTo(new CausalDelivery.Waiting(Set.of(question.dot())));
    assertThat(c.waiting()).isEqualTo(1);
    assertThat(c.arrive(answer)).isEqualTo(new CausalDelivery.Duplicate(answer.dot()));
    assertThat(c.arrive(question))
        .isEqualTo(new CausalDelivery.Delivered(List.of(question, answer)));
    assertThat(c.waiting()).isZero();
    assertThat(c.seen()).isEqualTo(b.seen());
  }

  @Test
  void readerGetsAtLeastWhatItHasSeenElsewhere() {
    Tracker a = new Tracker(A);
    Tracker b = new Tracker(B);
    DottedVersion written = a.write(a.seen());

    CompletableFuture<Boolean> ready =
        b.awaitSeen(a.seen(), Duration.ofMinutes(1)).toCompletableFuture();
    assertThat(ready).isNotDone();
    b.arrive(written);

    assertThat(ready).isCompletedWithValue(true);
  }

  @Test
  void onlyWhatAllHaveSeenMayBeForgotten() {
    Tracker a = new Tracker(A);
    Tracker b = new Tracker(B);
    DottedVersion first = a.write(a.seen());
    b.arrive(first);
    a.write(a.seen());

    assertThat(a.stable(Set.of(A, B))).isEmpty();
    a.seenBy(B, b.seen());
    a.seenBy(B, VersionVector.empty());
    assertThat(a.stable(Set.of(A, B))).contains(VersionVector.of(Map.of(A, 1L)));
  }

  @Test
  void nodesConvergeWhenVersionsAreReorderedAndDuplicated() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Map<NodeId, Tracker> nodes = new LinkedHashMap<>();
      List.of(A, B, C).forEach(node -> nodes.put(node, new Tracker(node)));
      List<DottedVersion> all = new ArrayList<>();
      for (int step = 0; step < 30; step++) {
        Tracker writer = nodes.get(List.of(A, B, C).get(random.nextInt(3)));
        all.add(writer.write(writer.seen()));
        Tracker reader = nodes.get(List.of(A, B, C).get(random.nextInt(3)));
        reader.arrive(all.get(random.nextInt(all.size())));
      }
      for (Tracker node : nodes.values()) {
        List<DottedVersion> network = new ArrayList<>(all);
        network.addAll(all);
        Collections.shuffle(network, random);
        network.forEach(node::arrive);
        assertThat(node.waiting()).as("seed %d", seed).isZero();
        assertThat(node.seen()).as("seed %d", seed).isEqualTo(nodes.get(A).seen());
        assertThat(node.delivered).as("seed %d", seed).hasSize(30).doesNotHaveDuplicates();
        VersionVector past = VersionVector.empty();
        for (DottedVersion version : node.delivered) {
          assertThat(past.covers(version.past())).as("causes first, seed %d", seed).isTrue();
          past = past.with(version.dot());
        }
      }
    }
  }

  /** Vector clocks and a list of those that wait. Confined to one thread. */
  private static final class Tracker implements EventualConsistency {

    private record Waiter(VersionVector context, CompletableFuture<Boolean> done) {}

    private final NodeId self;
    private VersionVector seen = VersionVector.empty();
    private final Map<Dot, DottedVersion> waiting = new HashMap<>();
    private final List<DottedVersion> delivered = new ArrayList<>();
    private final Map<NodeId, VersionVector> others = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();

    Tracker(NodeId self) {
      this.self = self;
    }

    @Override
    public VersionVector seen() {
      return seen;
    }

    @Override
    public DottedVersion write(VersionVector context) {
      DottedVersion version = new DottedVersion(seen.next(self), context);
      deliver(version);
      return version;
    }

    private void deliver(DottedVersion version) {
      seen = seen.with(version.dot());
      delivered.add(version);
      for (Waiter waiter : waiters) {
        if (seen.covers(waiter.context)) {
          waiter.done.complete(true);
        }
      }
    }

    @Override
    public CausalDelivery arrive(DottedVersion version) {
      if (seen.covers(version.dot()) || waiting.containsKey(version.dot())) {
        return new CausalDelivery.Duplicate(version.dot());
      }
      waiting.put(version.dot(), version);
      List<DottedVersion> ready = new ArrayList<>();
      boolean progress = true;
      while (progress) {
        progress = false;
        for (DottedVersion candidate : List.copyOf(waiting.values())) {
          if (missing(candidate).isEmpty()) {
            waiting.remove(candidate.dot());
            deliver(candidate);
            ready.add(candidate);
            progress = true;
          }
        }
      }
      return ready.isEmpty()
          ? new CausalDelivery.Waiting(missing(version))
          : new CausalDelivery.Delivered(ready);
    }

    private Set<Dot> missing(DottedVersion version) {
      Set<Dot> missing = new HashSet<>();
      version
          .past()
          .counters()
          .forEach(
              (node, counter) -> {
                if (seen.counter(node) < counter) {
                  missing.add(new Dot(node, counter));
                }
              });
      Dot dot = version.dot();
      if (seen.counter(dot.node()) < dot.counter() - 1) {
        missing.add(new Dot(dot.node(), dot.counter() - 1));
      }
      return missing;
    }

    @Override
    public int waiting() {
      return waiting.size();
    }

    @Override
    public CompletionStage<Boolean> awaitSeen(VersionVector context, Duration limit) {
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      if (seen.covers(context)) {
        done.complete(true);
      }
      waiters.add(new Waiter(context, done));
      return done;
    }

    @Override
    public void seenBy(NodeId node, VersionVector nodeSeen) {
      others.merge(node, nodeSeen, VersionVector::merge);
    }

    @Override
    public Optional<VersionVector> stable(Set<NodeId> nodes) {
      VersionVector stable = seen;
      for (NodeId node : nodes) {
        if (!node.equals(self)) {
          VersionVector other = others.get(node);
          if (other == null) {
            return Optional.empty();
          }
          stable = stable.common(other);
        }
      }
      return Optional.of(stable);
    }
  }
}
