package io.datawarehouse.sdk.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The laws of what has been seen. */
class VersionVectorPropertyTest {

  private static final List<NodeId> NODES =
      List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"), new NodeId("d"));
  private static final int ROUNDS = 2_000;

  @Test
  void mergingIsCommutativeAssociativeAndIdempotent() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      VersionVector x = any(random);
      VersionVector y = any(random);
      VersionVector z = any(random);

      assertThat(x.merge(y)).as("seed %d", seed).isEqualTo(y.merge(x));
      assertThat(x.merge(y).merge(z)).as("seed %d", seed).isEqualTo(x.merge(y.merge(z)));
      assertThat(x.merge(x)).as("seed %d", seed).isEqualTo(x);
      assertThat(x.merge(y).covers(x)).as("seed %d", seed).isTrue();
    }
  }

  @Test
  void whatBothHaveSeenIsTheGreatestThatBothCover() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      VersionVector x = any(random);
      VersionVector y = any(random);
      VersionVector common = x.common(y);

      assertThat(common).as("seed %d", seed).isEqualTo(y.common(x));
      assertThat(x.covers(common) && y.covers(common)).as("seed %d", seed).isTrue();
      for (NodeId node : NODES) {
        VersionVector more = common.with(common.next(node));
        assertThat(x.covers(more) && y.covers(more)).as("seed %d", seed).isFalse();
      }
    }
  }

  @Test
  void comparingIsAntisymmetricAndAgreesWithCovering() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      VersionVector x = any(random);
      VersionVector y = any(random);
      Causality forward = x.compare(y);
      Causality expected =
          switch (y.compare(x)) {
            case BEFORE -> Causality.AFTER;
            case AFTER -> Causality.BEFORE;
            case EQUAL -> Causality.EQUAL;
            case CONCURRENT -> Causality.CONCURRENT;
          };
      assertThat(forward).as("seed %d", seed).isEqualTo(expected);
      assertThat(forward == Causality.EQUAL).as("seed %d", seed).isEqualTo(x.equals(y));
    }
  }

  @Test
  void twoWritersThatTakeTurnsDoNotPileUpSiblings() {
    // Two clients, 50 writes each, each having seen what stood when it last read.
    VersionVector empty = VersionVector.empty();
    List<Sibling> standing = List.of();
    VersionVector server = empty;
    Map<String, VersionVector> contexts = new HashMap<>(Map.of("one", empty, "two", empty));
    for (int write = 0; write < 100; write++) {
      String client = write % 2 == 0 ? "one" : "two";
      Dot dot = server.next(NODES.get(0));
      server = server.with(dot);
      Sibling version =
          Siblings.of("v" + write, new DottedVersion(dot, contexts.get(client)), false);
      standing = Sibling.newest(Stream.concat(standing.stream(), Stream.of(version)).toList());
      contexts.put(client, version.version().seen());
    }
    assertThat(standing).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void wrongValuesAreRefused() {
    assertThatThrownBy(() -> new Dot(NODES.get(0), 0)).hasMessageContaining("counter is '0'");
    assertThatThrownBy(() -> VersionVector.of(Map.of(NODES.get(0), 0L)))
        .hasMessageContaining("counters.a is '0'");
    assertThatThrownBy(
            () ->
                new DottedVersion(
                    new Dot(NODES.get(0), 1), VersionVector.of(Map.of(NODES.get(0), 1L))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static VersionVector any(Random random) {
    Map<NodeId, Long> counters = new HashMap<>();
    for (NodeId node : NODES) {
      int counter = random.nextInt(4);
      if (counter > 0) {
        counters.put(node, (long) counter);
      }
    }
    return VersionVector.of(counters);
  }
}
