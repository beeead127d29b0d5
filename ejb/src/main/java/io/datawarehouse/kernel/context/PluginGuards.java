package io.datawarehouse.kernel.context;

import io.datawarehouse.sdk.plugin.PluginId;
import io.datawarehouse.sdk.resilience.BulkheadStatus;
import java.util.List;
import java.util.Map;

/**
 * What a running plugin has between itself and what it calls. Immutable.
 *
 * @param plugin whose they are
 * @param circuits the state of each circuit, by its key
 * @param bulkheads how full each pool is
 */
public record PluginGuards(
    PluginId plugin, Map<String, String> circuits, List<BulkheadStatus> bulkheads) {

  /** Copies. */
  public PluginGuards {
    circuits = Map.copyOf(circuits);
    bulkheads = List.copyOf(bulkheads);
  }
}
