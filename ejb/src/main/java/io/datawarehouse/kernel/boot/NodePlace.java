package io.datawarehouse.kernel.boot;

import io.datawarehouse.sdk.cluster.NodeDescriptor;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a node stands and what it can carry, as its settings say; also of one that is alone.
 * Immutable.
 *
 * @param zone what fails together with it
 * @param rack a part of the zone; empty where that is not told
 * @param weight its share of the keys, compared to other nodes
 * @param labels what rules of buckets may name
 */
record NodePlace(String zone, String rack, double weight, Map<String, String> labels) {

  /** Reads the settings; what is wrong becomes a problem of the reader. */
  static NodePlace read(SettingsReader reader) {
    return new NodePlace(
        reader.find("dw.node.zone").orElse(NodeDescriptor.DEFAULT_ZONE),
        reader.find("dw.node.rack").orElse(""),
        ClusterSettings.number(reader, "dw.node.weight", 1, 0.001, 1_000),
        labels(reader));
  }

  private static Map<String, String> labels(SettingsReader reader) {
    Map<String, String> labels = new HashMap<>();
    for (String pair : ClusterSettings.list(reader.find("dw.node.labels").orElse(""))) {
      int at = pair.indexOf('=');
      if (at < 1) {
        reader.problem("dw.node.labels holds '" + pair + "': use name=value,name=value");
      } else {
        labels.put(pair.substring(0, at), pair.substring(at + 1));
      }
    }
    return Map.copyOf(labels);
  }
}
