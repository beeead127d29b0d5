package io.datawarehouse.sdk.balance;

import java.util.OptionalInt;

/**
 * How large an installation is meant to be; from it follow the defaults of all that balances.
 *
 * @since 0.1
 */
public enum DeploymentTier {
  /** One node. */
  INDIVIDUAL("individual", 1, OptionalInt.of(1)),
  /** One to three nodes. */
  SMB("smb", 1, OptionalInt.of(3)),
  /** Three to twenty nodes. */
  ENTERPRISE("enterprise", 3, OptionalInt.of(20)),
  /** Twenty to a hundred nodes that must not fail. */
  HIGH_STAKES("high-stakes", 20, OptionalInt.of(100)),
  /** A hundred nodes and more. */
  HYPERSCALE("hyperscale", 100, OptionalInt.empty());

  private final String id;
  private final int fewestNodes;
  private final OptionalInt mostNodes;

  DeploymentTier(String id, int fewestNodes, OptionalInt mostNodes) {
    this.id = id;
    this.fewestNodes = fewestNodes;
    this.mostNodes = mostNodes;
  }

  /** Returns the name in configuration. */
  public String id() {
    return id;
  }

  /** Returns how many nodes the tier is meant for at least. */
  public int fewestNodes() {
    return fewestNodes;
  }

  /** Returns how many nodes the tier is meant for at most; empty where there is no limit. */
  public OptionalInt mostNodes() {
    return mostNodes;
  }

  /** Returns whether the tier is meant for that many nodes. */
  public boolean fits(int nodes) {
    return nodes >= fewestNodes && nodes <= mostNodes.orElse(Integer.MAX_VALUE);
  }

  /** Returns the tier's defaults, as {@link LoadBalancingConfig#of} does. */
  public LoadBalancingConfig defaults() {
    return LoadBalancingConfig.of(this);
  }
}
