package io.datawarehouse.web.rest;

import io.datawarehouse.web.rest.ClusterResource.ClusterStatus;
import io.datawarehouse.web.rest.ClusterResource.NodeView;
import java.util.ArrayList;
import java.util.List;

/** Shows a cluster as a table of text, for terminals. */
final class ClusterTable {

  private static final List<String> HEADINGS =
      List.of("NODE", "ADDRESS", "ZONE", "STATE", "HEALTH", "LEADER", "UPTIME", "REASON");

  private ClusterTable() {}

  static String of(ClusterStatus status) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    status.nodes().forEach(node -> rows.add(row(status, node)));
    StringBuilder text =
        new StringBuilder(
            "cluster %s, %s, leader %s, term %d, quorum %d%s, topology %d%n"
                .formatted(
                    status.clusterName(),
                    status.mode(),
                    status.leader().map(Object::toString).orElse("none"),
                    status.term(),
                    status.quorum(),
                    status.quorumReached() ? "" : " (not reached)",
                    status.topologyId()));
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        boolean last = column == row.size() - 1;
        text.append(last ? row.get(column) : padded(row.get(column), width(rows, column)));
      }
      text.append('\n');
    }
    status.problems().forEach(problem -> text.append("! ").append(problem).append('\n'));
    return text.toString();
  }

  private static List<String> row(ClusterStatus status, NodeView node) {
    boolean leads = status.leader().filter(node.id()::equals).isPresent();
    return List.of(
        node.id().value(),
        node.address(),
        node.zone(),
        node.state().name(),
        node.health().name(),
        leads ? "leader" : "-",
        node.uptimeSeconds() + "s",
        node.reason());
  }

  private static int width(List<List<String>> rows, int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length() + 2);
  }
}
