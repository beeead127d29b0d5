package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Watch;
import io.datawarehouse.sdk.federation.FederationNode;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;

/**
 * Peers that find each other and talk directly: small messages that may get lost, and {@linkplain
 * FederationNode federation} for all that must not. Thread-safe. Used by the kernel and by
 * protocols below the bus, never by features.
 *
 * <p>An implementation MUST: (1) answer {@link #peers()} from memory; (2) never block in {@link
 * #offer}; (3) deliver a message to the receiver of its channel at most once, whole or not at all,
 * and drop what nobody receives; (4) let only peers in that proved who they are.
 *
 * @since 0.1
 */
public interface P2PNetwork {

  /** The capability: {@code dw.p2p.network.provider} names the one that runs. */
  CapabilityKey<P2PNetwork> CAPABILITY =
      CapabilityKey.of("p2p.network", P2PNetwork.class, Cardinality.SELECTED);

  /** Returns this node as its peers see it. */
  Peer self();

  /** Returns all peers that are known now, without this node; a snapshot, sorted by identity. */
  SortedSet<Peer> peers();

  /**
   * Looks for peers that are not known yet and completes with all that are known then. Finding none
   * is no error.
   *
   * @param limit how long to look, more than zero
   */
  CompletionStage<SortedSet<Peer>> discover(Duration limit);

  /** Returns the way to a peer's content; always the same object; empty for one not known. */
  Optional<FederationNode> federation(NodeId peer);

  /**
   * Hands a message over to be sent, if that can be done at once.
   *
   * @return whether it was handed over; that says nothing about its arrival
   */
  boolean offer(NodeId to, PeerMessage message);

  /**
   * Puts the one receiver of a channel up.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code DUPLICATE_HANDLER}, naming the
   *     channel
   */
  Watch receive(String channel, Receiver receiver);

  /** Tells the listener whenever the peers have changed. It must be quick. */
  Watch watch(Runnable listener);

  /**
   * Takes messages of one channel. Called from several threads at once; must be quick and must not
   * block. What it throws is logged and the message is lost.
   *
   * @since 0.1
   */
  @FunctionalInterface
  interface Receiver {
    /** Takes one message. */
    void onMessage(NodeId from, PeerMessage message);
  }
}
