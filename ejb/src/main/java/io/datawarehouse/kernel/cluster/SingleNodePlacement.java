package io.datawarehouse.kernel.cluster;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.Placement;
import java.util.List;
import java.util.Objects;

/** One node that owns everything. Immutable. */
public final class SingleNodePlacement implements Placement {

  /** How many segments there are. */
  public static final int SEGMENTS = 256;

  private final List<NodeId> owners;

  /** Makes the placement of that node. */
  public SingleNodePlacement(NodeId node) {
    owners = List.of(node);
  }

  @Override
  public long topologyId() {
    return 1;
  }

  @Override
  public int segments() {
    return SEGMENTS;
  }

  @Override
  public List<NodeId> owners(int segment) {
    Objects.checkIndex(segment, SEGMENTS);
    return owners;
  }
}
