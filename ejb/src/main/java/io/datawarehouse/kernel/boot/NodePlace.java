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

  /** How long a text of a node's description may be. */
  static final int LONGEST_TEXT = 255;

  private static final int MOST_LABELS = 64;

  /** Reads the settings; what is wrong becomes a problem of the reader. */
  static NodePlace read(SettingsReader reader) {
    return new NodePlace(
        reader.text("dw.node.zone", NodeDescriptor.DEFAULT_ZONE, LONGEST_TEXT),
        reader.text("dw.node.rack", "", LONGEST_TEXT),
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
    if (labels.size() > MOST_LABELS) {
      reader.problem(
          "dw.node.labels holds " + labels.size() + " labels: use at most " + MOST_LABELS);
    }
    return Map.copyOf(labels);
  }
}
