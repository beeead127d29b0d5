package io.datawarehouse.testkit.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.GossipEntry;
import io.datawarehouse.sdk.p2p.GossipEntry.Address;
import io.datawarehouse.sdk.p2p.GossipMessage;
import io.datawarehouse.sdk.p2p.GossipProtocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Tells one peer a round a part of what is known, in turns; the peer answers with what is newer and
 * asks for what it lacks. Thread-safe.
 */
class SampleGossip implements GossipProtocol {

  private static final int MOST_VERSIONS = 64;
  private static final int MOST_NEWS = 32;

  private final NodeId self;
  private final Random random;
  private final TreeMap<Address, GossipEntry> known = new TreeMap<>();
  private final List<Consumer<GossipEntry>> listeners = new CopyOnWriteArrayList<>();
  private List<NodeId> peers = List.of();
  private int turn;

  SampleGossip(NodeId self, Random random) {
    this.self = self;
    this.random = random;
  }

  @Override
  public synchronized void peers(Set<NodeId> newPeers) {
    peers = newPeers.stream().sorted().toList();
  }

  @Override
  public synchronized GossipEntry publish(String key, Bytes value) {
    Address address = new Address(self, key);
    GossipEntry entry = new GossipEntry(address, version(address) + 1, value);
    known.put(address, entry);
    return entry;
  }

  private long version(Address address) {
    GossipEntry entry = known.get(address);
    return entry == null ? 0 : entry.version();
  }

  @Override
  public synchronized Optional<GossipEntry> find(Address address) {
    return Optional.ofNullable(known.get(address));
  }

  @Override
  public synchronized List<GossipEntry> entries() {
    return List.copyOf(known.values());
  }

  @Override
  public synchronized List<GossipMessage> tick() {
    if (peers.isEmpty()) {
      return List.of();
    }
    NodeId peer = peer(random);
    return List.of(new GossipMessage.Digest(self, peer, part(), false));
  }

  /** Draws the peer of a round. */
  NodeId peer(Random source) {
    return peers.get(source.nextInt(peers.size()));
  }

  final List<NodeId> peerList() {
    return peers;
  }

  /** The next part of what is known, so that all of it is told in turns. */
  private Map<Address, Long> part() {
    List<GossipEntry> all = List.copyOf(known.values());
    Map<Address, Long> versions = new HashMap<>();
    for (int i = 0; i < Math.min(mostVersions(), all.size()); i++) {
      GossipEntry entry = all.get((turn + i) % all.size());
      versions.put(entry.address(), entry.version());
    }
    turn = all.isEmpty() ? 0 : (turn + versions.size()) % all.size();
    return versions;
  }

  int mostVersions() {
    return MOST_VERSIONS;
  }

  int mostNews() {
    return MOST_NEWS;
  }

  @Override
  public synchronized List<GossipMessage> receive(GossipMessage message) {
    if (message instanceof GossipMessage.News news) {
      news.entries().forEach(this::learn);
      return List.of();
    }
    GossipMessage.Digest digest = (GossipMessage.Digest) message;
    List<GossipEntry> news = new ArrayList<>();
    Map<Address, Long> lacking = new HashMap<>();
    digest
        .versions()
        .forEach(
            (address, version) -> {
              GossipEntry entry = known.get(address);
              if (entry != null && entry.newerThan(version)) {
                if (news.size() < mostNews()) {
                  news.add(entry);
                }
              } else if (version(address) < version && lacking.size() < mostVersions()) {
                lacking.put(address, version(address));
              }
            });
    List<GossipMessage> answers = new ArrayList<>();
    if (!news.isEmpty()) {
      answers.add(new GossipMessage.News(self, message.from(), news));
    }
    if (!digest.answer() && !lacking.isEmpty()) {
      answers.add(new GossipMessage.Digest(self, message.from(), lacking, true));
    }
    return answers;
  }

  private void learn(GossipEntry entry) {
    if (isNews(entry, version(entry.address()))) {
      known.put(entry.address(), entry);
      listeners.forEach(listener -> listener.accept(entry));
    }
  }

  /** Returns whether an entry is news to somebody who has that version. */
  boolean isNews(GossipEntry entry, long version) {
    return entry.newerThan(version);
  }

  @Override
  public Watch watch(Consumer<GossipEntry> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
