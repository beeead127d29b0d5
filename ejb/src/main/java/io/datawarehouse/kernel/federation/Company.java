package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.affinity.Affinity;
import io.datawarehouse.kernel.affinity.PinTable;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import org.jspecify.annotations.Nullable;

/**
 * Where messages go that belong together. By hash: to the first usable owner of the key that
 * handles the topic, as with an affinity key of their own. Pinned: to the node that got the key's
 * first message. That one is found by the key's hash as well, so that all nodes through which a
 * client comes begin with the same; from then on the key stays there while nodes come and go.
 *
 * <p>Only a node that is out of service loses a key: it left, drains, is not healthy, or cannot be
 * reached. One that does not handle this topic, or whose circuit or bulkhead lets nothing through
 * now, keeps it; the one message goes where the hash says.
 */
final class Company {

  private Company() {}

  /** Returns the node for a message of that key; null where none is in reach. */
  static @Nullable PeerNode choose(
      Route route, Affinity affinity, String key, Placement placement, @Nullable RemoteCall call) {
    PinTable pins = affinity.pins();
    if (pins == null) {
      return byHash(route, key, placement, call);
    }
    NodeId keeper = pins.find(key);
    if (keeper == null) {
      PeerNode first = byHash(route, key, placement, call);
      return first == null || route.standing(first.id) != Route.Standing.TAKES
          ? first
          : kept(route, pins.keep(key, first.id), first);
    }
    return switch (route.standing(keeper)) {
      case TAKES ->
          call != null && call.avoids(keeper)
              ? byHash(route, key, placement, call)
              : route.node(keeper);
      case IN_SERVICE -> byHash(route, key, placement, call);
      case GONE -> {
        PeerNode next = byHash(route, key, placement, call);
        if (next != null && route.standing(next.id) == Route.Standing.TAKES) {
          affinity.move(key, keeper, next.id);
        }
        yield next;
      }
    };
  }

  /** Returns the node that another thread gave the key to meanwhile, where it takes messages. */
  private static PeerNode kept(Route route, NodeId keeper, PeerNode first) {
    PeerNode node = keeper.equals(first.id) ? null : route.node(keeper);
    return node != null && route.standing(keeper) == Route.Standing.TAKES ? node : first;
  }

  /** Returns the first usable owner of the key that handles the topic, or who stands in for it. */
  static @Nullable PeerNode byHash(
      Route route, String key, Placement placement, @Nullable RemoteCall call) {
    long hash = KeyHash.of(key);
    return route.affine(placement.owners(KeyHash.segment(hash, placement.segments())), hash, call);
  }
}
