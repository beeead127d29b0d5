package io.datawarehouse.kernel.placement;

import io.datawarehouse.kernel.cluster.RouteAnswer;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds who alone may answer messages about one key, out of what this node knows. Thread-safe; only
 * {@link #learn} asks the network.
 */
public interface KeyOwners {

  /**
   * Where a key lies and why.
   *
   * @param segment its segment
   * @param owner who owns it; empty where nobody may hold it who is there
   * @param division what divided the keys; empty where a hash of the whole key did
   */
  record Place(int segment, Optional<NodeId> owner, Optional<RouteAnswer.Division> division) {}

  /** Returns whether the owner of a key can be found without asking. */
  boolean knows(String affinityKey);

  /** Asks the others for what must be known of a key; fails where nobody can tell. */
  CompletionStage<Void> learn(String affinityKey);

  /**
   * Returns the owner of a key.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code RESIDENCY_UNSATISFIED} where
   *     nobody may hold it who is there
   */
  NodeId owner(String affinityKey, Placement placement);

  /** Tells where a key lies and why. */
  Place explain(String affinityKey, Placement placement);

  /** Returns owners that follow from a hash of the whole key. */
  static KeyOwners byHash() {
    return new KeyOwners() {
      @Override
      public boolean knows(String affinityKey) {
        return true;
      }

      @Override
      public CompletionStage<Void> learn(String affinityKey) {
        return CompletableFuture.completedFuture(null);
      }

      @Override
      public NodeId owner(String affinityKey, Placement placement) {
        return placement.primary(affinityKey);
      }

      @Override
      public Place explain(String affinityKey, Placement placement) {
        int segment = KeyHash.segment(KeyHash.of(affinityKey), placement.segments());
        return new Place(segment, Optional.of(placement.owners(segment).get(0)), Optional.empty());
      }
    };
  }
}
