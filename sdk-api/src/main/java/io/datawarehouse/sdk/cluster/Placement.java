package io.datawarehouse.sdk.cluster;

import java.util.List;

/**
 * Who owns which key at one moment: a key belongs to a segment, a segment to an ordered list of
 * nodes, the primary first. A snapshot, immutable and thread-safe: nothing in it asks the network.
 * A decision that takes several steps keeps one and does not ask for another in between.
 *
 * <p>An implementation MUST: (1) find the segment of a key by {@link KeyHash}; (2) answer every
 * method in constant time and allocate nothing; (3) list at least one owner for every segment, none
 * twice.
 *
 * @since 0.1
 */
public interface Placement {

  /** Returns which topology this is the placement of; grows with every change. */
  long topologyId();

  /** Returns how many segments there are, at least 1; never changes while a cluster lives. */
  int segments();

  /** Returns the segment of an affinity key, 0 to {@code segments() - 1}. */
  default int segmentOf(CharSequence affinityKey) {
    return KeyHash.segment(KeyHash.of(affinityKey), segments());
  }

  /**
   * Returns the owners of a segment, the primary first; never empty, unmodifiable.
   *
   * @throws IndexOutOfBoundsException for a segment that does not exist
   */
  List<NodeId> owners(int segment);

  /** Returns the primary owner of a key. */
  default NodeId primary(CharSequence affinityKey) {
    return owners(segmentOf(affinityKey)).get(0);
  }

  /** Returns whether a node is among the owners of a key. */
  default boolean owns(NodeId node, CharSequence affinityKey) {
    return owners(segmentOf(affinityKey)).contains(node);
  }
}
