package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.message.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Spreads small facts to all nodes without a centre. Thread-safe.
 *
 * <p>It is a machine without input and output of its own: the kernel calls {@link #tick()} at an
 * interval and {@link #receive} for what comes, and sends what they return. So the same object runs
 * over a network and in a simulation.
 *
 * <p>An implementation MUST: (1) draw peers from a random source that it was given and take its
 * time from an injected clock; (2) keep of each entry the newest version only; (3) tell a listener
 * of each version at most once, and of versions of one entry in rising order; (4) bound the size of
 * a message, whatever the number of nodes; (5) bring every entry to every node in a number of
 * rounds that grows with the logarithm of their number, while messages get lost, come twice or out
 * of order; (6) send nothing in answer to news.
 *
 * @since 0.1
 */
public interface GossipProtocol {

  /** The capability: {@code dw.p2p.gossip.provider} names the one that runs. */
  CapabilityKey<GossipProtocol> CAPABILITY =
      CapabilityKey.of("p2p.gossip", GossipProtocol.class, Cardinality.SELECTED);

  /** Sets the peers to gossip with, without this node. */
  void peers(Set<NodeId> peers);

  /** Sets an entry of this node's own and returns it with its new version. */
  GossipEntry publish(String key, Bytes value);

  /** Returns the newest version of an entry that is known here. */
  Optional<GossipEntry> find(GossipEntry.Address address);

  /** Returns all entries that are known here, sorted by address; a snapshot. */
  List<GossipEntry> entries();

  /** Begins a round and returns what is to be sent. */
  List<GossipMessage> tick();

  /** Takes a message to this node and returns what is to be sent in answer. */
  List<GossipMessage> receive(GossipMessage message);

  /** Tells the listener of every entry of other nodes that is news here. It must be quick. */
  Watch watch(Consumer<GossipEntry> listener);
}
