package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.GossipEntry;
import io.datawarehouse.sdk.p2p.GossipEntry.Address;
import io.datawarehouse.sdk.p2p.GossipMessage;
import io.datawarehouse.sdk.p2p.GossipProtocol;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.kernel.ManualClock;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * What a {@link GossipProtocol} must do, in simulated networks that lose, repeat and reorder
 * messages. Everything random comes from seeds.
 */
public abstract class GossipProtocolContract {

  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Makes a node that knows nobody and nothing and draws its random numbers from that seed. */
  protected abstract GossipProtocol node(NodeId self, long seed, Clock clock);

  /** Returns how many rounds news may take in a network of so many nodes that loses a third. */
  protected int mostRounds(int nodes) {
    int logarithm = 32 - Integer.numberOfLeadingZeros(nodes);
    return 12 + 8 * logarithm;
  }

  /** Returns how many bytes a message may have at most, however much there is to tell. */
  protected int mostBytes() {
    return 256 << 10;
  }

  @Test
  void ownEntryIsFoundAndItsVersionGrows() {
    GossipProtocol a = alone(A);

    GossipEntry first = a.publish("load", Bytes.utf8("12"));
    GossipEntry second = a.publish("load", Bytes.utf8("34"));

    assertThat(first.address()).isEqualTo(new Address(A, "load"));
    assertThat(second.version()).isGreaterThan(first.version());
    assertThat(a.find(first.address())).contains(second);
    a.publish("disk", Bytes.utf8("5"));
    assertThat(a.entries())
        .extracting(entry -> entry.address().key())
        .containsExactly("disk", "load");
    assertThat(a.find(new Address(B, "load"))).isEmpty();
  }

  @Test
  void nodeWithoutPeersSendsNothing() {
    GossipProtocol a = alone(A);
    a.publish("load", Bytes.utf8("12"));
    assertThat(a.tick()).isEmpty();
    a.peers(Set.of(B));
    a.tick();

    a.peers(Set.of());

    assertThat(a.tick()).isEmpty();
  }

  @Test
  void messagesGoToPeersAlone() {
    GossipProtocol a = alone(A);
    a.peers(Set.of(B, C));
    a.publish("load", Bytes.utf8("12"));
    Set<NodeId> told = new HashSet<>();

    for (int round = 0; round < 100; round++) {
      for (GossipMessage message : a.tick()) {
        assertThat(message.from()).isEqualTo(A);
        assertThat(message.to()).isIn(B, C);
        told.add(message.to());
      }
    }

    assertThat(told).as("each peer has its turn").containsExactlyInAnyOrder(B, C);
  }

  @Test
  void newestVersionAloneIsKept() {
    GossipProtocol a = alone(A);
    Address address = new Address(B, "load");
    GossipEntry newer = new GossipEntry(address, 5, Bytes.utf8("new"));
    GossipEntry older = new GossipEntry(address, 4, Bytes.utf8("old"));

    a.receive(news(B, A, newer));
    a.receive(news(B, A, older));

    assertThat(a.entries()).containsExactly(newer);
  }

  @Test
  void newsAreNotAnswered() {
    GossipProtocol a = alone(A);
    a.peers(Set.of(B));
    GossipEntry entry = new GossipEntry(new Address(B, "load"), 5, Bytes.utf8("x"));

    assertThat(a.receive(news(B, A, entry))).isEmpty();
    assertThat(a.receive(news(B, A, entry))).isEmpty();
    assertThat(a.receive(news(B, A))).isEmpty();
  }

  @Test
  void answerIsNotAnsweredByADigest() {
    GossipProtocol a = alone(A);
    a.peers(Set.of(B));
    a.publish("load", Bytes.utf8("12"));

    List<GossipMessage> answers =
        a.receive(new GossipMessage.Digest(B, A, Map.of(new Address(C, "load"), 3L), true));

    assertThat(answers).noneMatch(GossipMessage.Digest.class::isInstance);
  }

  @Test
  void listenerHearsOfEachVersionOfOthersOnceAndInRisingOrder() {
    GossipProtocol a = alone(A);
    List<GossipEntry> heard = new CopyOnWriteArrayList<>();
    Watch watch = a.watch(heard::add);
    Address address = new Address(B, "load");
    for (long version : new long[] {2, 1, 2, 5, 3, 5, 4}) {
      a.receive(news(B, A, new GossipEntry(address, version, Bytes.utf8("v" + version))));
    }
    a.publish("own", Bytes.utf8("x"));
    watch.close();
    watch.close();
    a.receive(news(B, A, new GossipEntry(address, 9, Bytes.utf8("v9"))));

    assertThat(heard).extracting(GossipEntry::version).containsExactly(2L, 5L);
  }

  @Test
  void newsReachEverybodyInFewRoundsThoughMessagesGetLost() {
    for (int nodes : new int[] {2, 3, 16, 48}) {
      for (long seed = 0; seed < 8; seed++) {
        Network network = new Network(nodes, seed);
        network.node(0).publish("load", Bytes.utf8("first"));
        GossipEntry last = network.node(0).publish("load", Bytes.utf8("last"));
        GossipEntry other = network.node(nodes - 1).publish("zone", Bytes.utf8("z"));
        int rounds = 0;
        while (!network.allKnow(last, other) && rounds <= mostRounds(nodes)) {
          network.round();
          rounds++;
        }

        assertThat(rounds)
            .as("rounds with %s nodes, seed %s", nodes, seed)
            .isLessThanOrEqualTo(mostRounds(nodes));
        network.requireEachVersionOnceAndRising();
      }
    }
  }

  @Test
  void whatWasTakenBackIsTakenBackEverywhere() {
    Network network = new Network(8, 1);
    network.node(0).publish("load", Bytes.utf8("12"));
    for (int round = 0; round < mostRounds(8); round++) {
      network.round();
    }
    GossipEntry gone = network.node(0).publish("load", Bytes.empty());

    for (int round = 0; round < mostRounds(8); round++) {
      network.round();
    }

    assertThat(network.allKnow(gone)).isTrue();
  }

  @Test
  void manyEntriesReachEverybodyToo() {
    Network network = new Network(8, 2);
    List<GossipEntry> published = new ArrayList<>();
    for (int node = 0; node < 8; node++) {
      for (int i = 0; i < 60; i++) {
        published.add(network.node(node).publish("key-" + i, Bytes.utf8("value " + i)));
      }
    }

    int rounds = 0;
    while (!network.allKnow(published.toArray(GossipEntry[]::new)) && rounds < 2_000) {
      network.round();
      rounds++;
    }

    assertThat(rounds).as("rounds for 480 entries").isLessThan(2_000);
  }

  @Test
  void messagesStaySmallHoweverMuchThereIsToTell() {
    GossipProtocol a = alone(A);
    a.peers(Set.of(B));
    Bytes large = Bytes.copyOf(new byte[GossipEntry.MOST_BYTES]);
    Map<Address, Long> nothing = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      a.publish("key-" + i, large);
      nothing.put(new Address(A, "key-" + i), 0L);
    }

    List<GossipMessage> sent = new ArrayList<>(a.tick());
    sent.addAll(a.receive(new GossipMessage.Digest(B, A, nothing, false)));
    sent.addAll(a.receive(new GossipMessage.Digest(B, A, Map.of(), false)));

    assertThat(sent).isNotEmpty();
    assertThat(sent).allMatch(message -> bytesOf(message) <= mostBytes());
  }

  @Test
  void sameSeedDrawsTheSamePeers() {
    GossipProtocol one = alone(A);
    GossipProtocol other = alone(A);
    Set<NodeId> peers = new Network(16, 0).ids();
    one.peers(peers);
    other.peers(peers);

    for (int round = 0; round < 50; round++) {
      assertThat(receivers(one.tick())).isEqualTo(receivers(other.tick()));
    }
  }

  @Test
  void manyThreadsMayUseItAtOnce() {
    GossipProtocol a = alone(A);
    a.peers(Set.of(B, C));
    List<GossipEntry> heard = new CopyOnWriteArrayList<>();
    a.watch(heard::add);

    Crowd.all(
        4,
        SOON,
        thread -> {
          for (long version = 1; version <= 100; version++) {
            NodeId from = thread % 2 == 0 ? B : C;
            a.receive(
                news(from, A, new GossipEntry(new Address(from, "k"), version, Bytes.utf8("v"))));
            a.publish("own-" + thread, Bytes.utf8("v" + version));
            a.tick();
            a.entries();
          }
          return thread;
        });

    assertThat(a.entries()).hasSize(6);
    assertThat(heard).doesNotHaveDuplicates();
    for (NodeId origin : List.of(B, C)) {
      assertThat(heard)
          .filteredOn(entry -> entry.address().origin().equals(origin))
          .extracting(GossipEntry::version)
          .isSorted()
          .contains(100L);
    }
  }

  private GossipProtocol alone(NodeId self) {
    return node(self, 1, new ManualClock());
  }

  private static GossipMessage news(NodeId from, NodeId to, GossipEntry... entries) {
    return new GossipMessage.News(from, to, List.of(entries));
  }

  private static List<NodeId> receivers(List<GossipMessage> messages) {
    return messages.stream().map(GossipMessage::to).toList();
  }

  private static long bytesOf(GossipMessage message) {
    if (message instanceof GossipMessage.News news) {
      return news.entries().stream()
          .mapToLong(entry -> entry.value().size() + entry.address().key().length() + 80L)
          .sum();
    }
    return ((GossipMessage.Digest) message)
        .versions().keySet().stream().mapToLong(address -> address.key().length() + 80L).sum();
  }

  /** Nodes with a bad network between them. */
  private final class Network {
    private final ManualClock clock = new ManualClock();
    private final Random random;
    private final Map<NodeId, GossipProtocol> nodes = new TreeMap<>();
    private final Map<NodeId, List<GossipEntry>> heard = new TreeMap<>();
    private final List<GossipMessage> underWay = new ArrayList<>();

    Network(int size, long seed) {
      random = new Random(seed);
      Set<NodeId> ids = new HashSet<>();
      for (int i = 0; i < size; i++) {
        ids.add(new NodeId("node-%03d".formatted(i)));
      }
      for (NodeId id : ids) {
        GossipProtocol made = GossipProtocolContract.this.node(id, seed + id.hashCode(), clock);
        Set<NodeId> others = new HashSet<>(ids);
        others.remove(id);
        made.peers(others);
        heard.put(id, new ArrayList<>());
        made.watch(heard.get(id)::add);
        nodes.put(id, made);
      }
    }

    Set<NodeId> ids() {
      return nodes.keySet();
    }

    GossipProtocol node(int number) {
      return nodes.get(new NodeId("node-%03d".formatted(number)));
    }

    /** One tick of every node; then messages arrive, late, twice or not at all. */
    void round() {
      clock.advance(INTERVAL);
      nodes.values().forEach(node -> node.tick().forEach(this::send));
      for (int hops = 0; hops < 3; hops++) {
        List<GossipMessage> arriving = new ArrayList<>(underWay);
        underWay.clear();
        Collections.shuffle(arriving, random);
        for (GossipMessage message : arriving) {
          nodes.get(message.to()).receive(message).forEach(this::send);
        }
      }
    }

    private void send(GossipMessage message) {
      if (random.nextInt(3) > 0) {
        underWay.add(message);
        if (random.nextInt(5) == 0) {
          underWay.add(message);
        }
      }
    }

    boolean allKnow(GossipEntry... entries) {
      return nodes.values().stream()
          .allMatch(
              node ->
                  List.of(entries).stream()
                      .allMatch(
                          entry -> node.find(entry.address()).filter(entry::equals).isPresent()));
    }

    void requireEachVersionOnceAndRising() {
      heard.forEach(
          (node, entries) -> {
            Map<Address, Long> last = new HashMap<>();
            for (GossipEntry entry : entries) {
              assertThat(entry.address().origin()).isNotEqualTo(node);
              assertThat(entry.version())
                  .as("%s hears of %s", node, entry.address())
                  .isGreaterThan(last.getOrDefault(entry.address(), 0L));
              last.put(entry.address(), entry.version());
            }
          });
    }
  }
}
