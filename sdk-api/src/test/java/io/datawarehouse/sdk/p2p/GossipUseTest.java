package io.datawarehouse.sdk.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.federation.FederationNode;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A use of gossip and of the network below it: three peers in one process, some messages lost. */
class GossipUseTest {

  private static final List<NodeId> IDS =
      List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"));

  @Test
  void factReachesAllThreePeersThoughMessagesGetLost() {
    for (long seed = 0; seed < 100; seed++) {
      Wire wire = new Wire(new Random(seed), 0.3);
      Map<NodeId, Rumours> nodes = nodes(wire, seed);
      List<GossipEntry> heard = new ArrayList<>();
      nodes.get(IDS.get(2)).watch(heard::add);

      nodes.get(IDS.get(0)).publish("load", Bytes.utf8("12"));
      nodes.get(IDS.get(0)).publish("load", Bytes.utf8("34"));
      nodes.get(IDS.get(1)).publish("zone", Bytes.utf8("z1"));
      int rounds = 0;
      while (!converged(nodes) && rounds < 50) {
        nodes.values().forEach(node -> wire.sendAll(node.self, node.tick()));
        rounds++;
      }

      assertThat(converged(nodes)).as("seed %d", seed).isTrue();
      GossipEntry.Address load = new GossipEntry.Address(IDS.get(0), "load");
      assertThat(nodes.get(IDS.get(2)).find(load).orElseThrow().value())
          .as("seed %d", seed)
          .isEqualTo(Bytes.utf8("34"));
      assertThat(heard)
          .as("each version once, seed %d", seed)
          .doesNotHaveDuplicates()
          .extracting(GossipEntry::address)
          .contains(load);
    }
  }

  @Test
  void olderNewsChangeNothingAndNewsAreNotAnswered() {
    Rumours node = new Rumours(IDS.get(0), new Random(1));
    GossipEntry.Address address = new GossipEntry.Address(IDS.get(1), "load");
    GossipEntry newer = new GossipEntry(address, 5, Bytes.utf8("new"));
    GossipEntry older = new GossipEntry(address, 4, Bytes.utf8("old"));

    assertThat(node.receive(new GossipMessage.News(IDS.get(1), IDS.get(0), List.of(newer))))
        .isEmpty();
    node.receive(new GossipMessage.News(IDS.get(1), IDS.get(0), List.of(older)));

    assertThat(node.entries()).containsExactly(newer);
    assertThat(newer.newerThan(4)).isTrue();
    assertThat(newer.newerThan(5)).isFalse();
  }

  @Test
  void networkHasOneReceiverAChannelAndDropsWhatNobodyTakes() {
    Wire wire = new Wire(new Random(1), 0);
    P2PNetwork a = wire.join(IDS.get(0));
    P2PNetwork b = wire.join(IDS.get(1));
    List<String> got = new ArrayList<>();
    Watch watch =
        b.receive("chat", (from, message) -> got.add(from + ":" + message.body().asUtf8()));

    assertThat(a.offer(IDS.get(1), new PeerMessage("chat", Bytes.utf8("hi")))).isTrue();
    assertThat(a.offer(IDS.get(1), new PeerMessage("other", Bytes.utf8("nobody")))).isTrue();
    assertThat(a.offer(new NodeId("stranger"), new PeerMessage("chat", Bytes.empty()))).isFalse();
    assertThat(got).containsExactly("a:hi");
    assertThatThrownBy(() -> b.receive("chat", (from, message) -> {}))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.DUPLICATE_HANDLER));
    watch.close();
    b.receive("chat", (from, message) -> {}).close();
    assertThat(a.discover(Duration.ofSeconds(1)).toCompletableFuture().join())
        .extracting(Peer::id)
        .containsExactly(IDS.get(1));
    assertThat(a.self().id()).isEqualTo(IDS.get(0));
  }

  @Test
  void wrongValuesAreRefusedWithFieldAndValue() {
    assertThatThrownBy(() -> new PeerMessage("Chat", Bytes.empty()))
        .hasMessageContaining("channel is 'Chat'");
    assertThatThrownBy(
            () -> new PeerMessage("chat", Bytes.copyOf(new byte[PeerMessage.MOST_BYTES + 1])))
        .hasMessageContaining("body is '65537 bytes'");
    assertThatThrownBy(
            () -> new GossipEntry(new GossipEntry.Address(IDS.get(0), "k"), 0, Bytes.empty()))
        .hasMessageContaining("version is '0'");
    assertThatThrownBy(() -> new Peer(IDS.get(0), " ", "z")).hasMessageContaining("address is ' '");
  }

  private static Map<NodeId, Rumours> nodes(Wire wire, long seed) {
    Map<NodeId, Rumours> nodes = new TreeMap<>();
    for (NodeId id : IDS) {
      Rumours node = new Rumours(id, new Random(seed + id.hashCode()));
      node.peers(IDS.stream().filter(other -> !other.equals(id)).collect(Collectors.toSet()));
      nodes.put(id, node);
      P2PNetwork network = wire.join(id);
      network.receive(
          "gossip", (from, message) -> wire.sendAll(id, node.receive(wire.take(message))));
    }
    return nodes;
  }

  private static boolean converged(Map<NodeId, Rumours> nodes) {
    return nodes.values().stream().map(Rumours::entries).distinct().count() == 1;
  }

  /** Tells one peer a round what is known, and answers with what the other lacks. */
  private static final class Rumours implements GossipProtocol {
    private final NodeId self;
    private final Random random;
    private final TreeMap<GossipEntry.Address, GossipEntry> known = new TreeMap<>();
    private final List<Consumer<GossipEntry>> listeners = new CopyOnWriteArrayList<>();
    private List<NodeId> peers = List.of();

    Rumours(NodeId self, Random random) {
      this.self = self;
      this.random = random;
    }

    @Override
    public void peers(Set<NodeId> newPeers) {
      peers = newPeers.stream().sorted().toList();
    }

    @Override
    public GossipEntry publish(String key, Bytes value) {
      GossipEntry.Address address = new GossipEntry.Address(self, key);
      GossipEntry entry = new GossipEntry(address, version(address) + 1, value);
      known.put(address, entry);
      return entry;
    }

    private long version(GossipEntry.Address address) {
      GossipEntry entry = known.get(address);
      return entry == null ? 0 : entry.version();
    }

    @Override
    public Optional<GossipEntry> find(GossipEntry.Address address) {
      return Optional.ofNullable(known.get(address));
    }

    @Override
    public List<GossipEntry> entries() {
      return List.copyOf(known.values());
    }

    @Override
    public List<GossipMessage> tick() {
      NodeId peer = peers.get(random.nextInt(peers.size()));
      return List.of(new GossipMessage.Digest(self, peer, versions(), false));
    }

    private Map<GossipEntry.Address, Long> versions() {
      Map<GossipEntry.Address, Long> versions = new HashMap<>();
      known.forEach((address, entry) -> versions.put(address, entry.version()));
      return versions;
    }

    @Override
    public List<GossipMessage> receive(GossipMessage message) {
      if (message instanceof GossipMessage.News news) {
        news.entries().forEach(this::learn);
        return List.of();
      }
      GossipMessage.Digest digest = (GossipMessage.Digest) message;
      List<GossipEntry> lacking =
          known.values().stream()
              .filter(entry -> entry.newerThan(digest.versions().getOrDefault(entry.address(), 0L)))
              .toList();
      List<GossipMessage> answers = new ArrayList<>();
      answers.add(new GossipMessage.News(self, message.from(), lacking));
      if (!digest.answer()) {
        answers.add(new GossipMessage.Digest(self, message.from(), versions(), true));
      }
      return answers;
    }

    private void learn(GossipEntry entry) {
      if (entry.newerThan(version(entry.address()))) {
        known.put(entry.address(), entry);
        listeners.forEach(listener -> listener.accept(entry));
      }
    }

    @Override
    public Watch watch(Consumer<GossipEntry> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }
  }

  /** What lies between the peers; loses some of what it carries. */
  private static final class Wire {
    private final Random random;
    private final double loss;
    private final TreeMap<NodeId, Socket> sockets = new TreeMap<>();
    private final List<GossipMessage> parcels = new ArrayList<>();

    Wire(Random random, double loss) {
      this.random = random;
      this.loss = loss;
    }

    P2PNetwork join(NodeId id) {
      Socket socket = new Socket(id);
      sockets.put(id, socket);
      return socket;
    }

    /** Messages are handed on by number; how they are encoded is not the matter here. */
    void sendAll(NodeId from, List<GossipMessage> messages) {
      for (GossipMessage message : messages) {
        parcels.add(message);
        String number = String.valueOf(parcels.size() - 1);
        sockets.get(from).offer(message.to(), new PeerMessage("gossip", Bytes.utf8(number)));
      }
    }

    GossipMessage take(PeerMessage message) {
      return parcels.get(Integer.parseInt(message.body().asUtf8()));
    }

    private final class Socket implements P2PNetwork {
      private final NodeId id;
      private final Map<String, Receiver> receivers = new HashMap<>();

      Socket(NodeId id) {
        this.id = id;
      }

      @Override
      public Peer self() {
        return new Peer(id, id + ":9000", "z");
      }

      @Override
      public SortedSet<Peer> peers() {
        return sockets.values().stream()
            .filter(socket -> socket != this)
            .map(Socket::self)
            .collect(Collectors.toCollection(TreeSet::new));
      }

      @Override
      public CompletionStage<SortedSet<Peer>> discover(Duration limit) {
        return CompletableFuture.completedFuture(peers());
      }

      @Override
      public Optional<FederationNode> federation(NodeId peer) {
        return Optional.empty();
      }

      @Override
      public boolean offer(NodeId to, PeerMessage message) {
        Socket socket = sockets.get(to);
        if (socket == null) {
          return false;
        }
        Receiver receiver = socket.receivers.get(message.channel());
        if (receiver != null && random.nextDouble() >= loss) {
          receiver.onMessage(id, message);
        }
        return true;
      }

      @Override
      public Watch receive(String channel, Receiver receiver) {
        if (receivers.putIfAbsent(channel, receiver) != null) {
          throw new WarehouseException(
              StandardErrorCode.DUPLICATE_HANDLER, channel + " has a receiver already");
        }
        return () -> receivers.remove(channel, receiver);
      }

      @Override
      public Watch watch(Runnable listener) {
        return () -> {};
      }
    }
  }
}
