package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.balance.PeerSignals;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of one node as a target: its link, what is under way there, how fast it
 * answers, how busy it says it is. Lives as long as the bus; routes hold it. Thread-safe.
 */
final class PeerNode {

  final NodeId id;
  final boolean local;

  /** Requests of this node that it has not answered yet, by call. */
  final Map<Long, RemoteCall> calls = new ConcurrentHashMap<>();

  /** Contents that it may fetch, by number. */
  final Map<Long, ContentOffers.Offer> offers = new ConcurrentHashMap<>();

  /** Its requests that are under way here. */
  final AtomicInteger served = new AtomicInteger();

  final AtomicInteger inFlight = new AtomicInteger();

  /** How fast it answers, how busy it says it is, how warm it is. */
  final PeerSignals signals = new PeerSignals();

  /** The link with it; null while there is none. */
  volatile @Nullable PeerLink link;

  /** Whether it said that it takes no new requests. */
  volatile boolean draining;

  /** When this node last told the health monitor that it answers. */
  final AtomicLong toldAt = new AtomicLong(Long.MIN_VALUE / 2);

  PeerNode(NodeId id, boolean local) {
    this.id = id;
    this.local = local;
  }

  boolean reachable() {
    return local || link != null;
  }

  /** Returns whether it can be reached and does its work, as far as can be told from here. */
  boolean inService(NodeHealthMonitor health) {
    return !draining && (local || link != null && health.health(id).usable());
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
