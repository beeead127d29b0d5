package com.example.quietest;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.LoadBalancingConfig;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;

/** Chooses the node with the fewest requests under way for its weight. */
@Plugin
public class QuietestPlugin extends LoadBalancingPluginBase {

  /** Says who it is; {@code dw.load-balancing.algorithm=quietest} selects it. */
  public QuietestPlugin() {
    super(PluginManifest.of("quietest", "Quietest node", "1.0.0", "balancing"), "quietest");
  }

  @Override
  public boolean followsKeys() {
    return false;
  }

  @Override
  public NodeSelector prepare(CandidateTable table, LoadBalancingConfig config) {
    return new QuietestSelector(table);
  }
}
