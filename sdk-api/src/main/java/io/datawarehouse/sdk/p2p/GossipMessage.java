package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one node gossips to another. Immutable.
 *
 * @since 0.1
 */
public sealed interface GossipMessage {

  /** Returns who sends it. */
  NodeId from();

  /** Returns who is to get it. */
  NodeId to();

  /**
   * What the sender knows: versions without values. The receiver answers with what is newer, and
   * asks for what it lacks with a digest of its own.
   *
   * @param from who sends it
   * @param to who is to get it
   * @param versions the version of each entry that the sender knows; may be a part of them
   * @param answer whether it answers another digest, so that it is not answered by a third
   */
  record Digest(NodeId from, NodeId to, Map<GossipEntry.Address, Long> versions, boolean answer)
      implements GossipMessage {
    /** Checks and copies. */
    public Digest {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      versions = Map.copyOf(versions);
    }
  }

  /**
   * News.
   *
   * @param from who sends it
   * @param to who is to get it
   * @param entries in no particular order
   */
  record News(NodeId from, NodeId to, List<GossipEntry> entries) implements GossipMessage {
    /** Checks and copies. */
    public News {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      entries = List.copyOf(entries);
    }
  }
}
