package io.datawarehouse.benchmarks.start;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.server.ServerProcess;
import io.datawarehouse.benchmarks.server.Servers;
import io.datawarehouse.benchmarks.server.Wars;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The time from the start of the process until a node answers an authenticated request, on an empty
 * data directory, against the time until the same Payara Micro shows the page of an empty
 * application. The two take turns.
 */
public final class StartBenchmark {

  private static final double GOAL = 1.5;

  private StartBenchmark() {}

  /** Runs it; the argument is the number of starts of each, 5 where there is none. */
  public static void main(String[] arguments) throws Exception {
    int count = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    Path work = Servers.workDirectory("start");
    Path war = Wars.empty(work);
    List<Double> node = new ArrayList<>();
    List<Double> empty = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      empty.add(seconds(startEmpty(work.resolve("empty" + i), war)));
      node.add(seconds(startNode(work.resolve("node" + i))));
      System.out.printf(
          Locale.ROOT, "start %d: node %.2f s, empty %.2f s%n", i + 1, node.get(i), empty.get(i));
    }
    double nodeMedian = Rounds.median(node.stream().sorted().toList());
    double emptyMedian = Rounds.median(empty.stream().sorted().toList());
    System.out.printf(
        Locale.ROOT,
        "%nStart until ready, medians of %d: node %.2f s, empty %.2f s, ratio %.2f (goal at most %.2f, %s)%n",
        count,
        nodeMedian,
        emptyMedian,
        nodeMedian / emptyMedian,
        GOAL,
        nodeMedian / emptyMedian <= GOAL ? "reached" : "missed");
  }

  private static Duration startNode(Path work) throws Exception {
    try (ServerProcess node = Servers.node(work)) {
      return Servers.awaitNode(node, work);
    }
  }

  private static Duration startEmpty(Path work, Path war) throws Exception {
    try (ServerProcess payara = Servers.payara(work, war)) {
      return Servers.awaitPayara(payara, war);
    }
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }
}
