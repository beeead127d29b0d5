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
 * The time that {@code bin/dw run} takes on an empty data directory until the node answers an
 * authenticated request, against the time until the same Payara Micro, as it comes but for its port
 * and without Hazelcast, shows the page of an empty application; beside them the node's runnable
 * jar. They take turns.
 */
public final class StartBenchmark {

  private static final double GOAL = 1.5;

  private StartBenchmark() {}

  /** Runs it; the argument is the number of starts of each, 5 where there is none. */
  public static void main(String[] arguments) throws Exception {
    int count = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    Path work = Servers.workDirectory("start");
    Path war = Wars.empty(work);
    // What is built and prepared once is no part of a start.
    var unused = startNode(work.resolve("first"));
    List<Double> node = new ArrayList<>();
    List<Double> jar = new ArrayList<>();
    List<Double> empty = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      empty.add(seconds(startEmpty(work.resolve("empty" + i), war)));
      node.add(seconds(startNode(work.resolve("node" + i))));
      jar.add(seconds(startJar(work.resolve("jar" + i))));
      System.out.printf(
          Locale.ROOT,
          "start %d: bin/dw run %.2f s, runnable jar %.2f s, empty %.2f s%n",
          i + 1,
          node.get(i),
          jar.get(i),
          empty.get(i));
    }
    double nodeMedian = Rounds.median(node.stream().sorted().toList());
    double jarMedian = Rounds.median(jar.stream().sorted().toList());
    double emptyMedian = Rounds.median(empty.stream().sorted().toList());
    System.out.printf(
        Locale.ROOT,
        "%nStart until ready, medians of %d: bin/dw run %.2f s, runnable jar %.2f s, empty %.2f s%n"
            + "runnable jar / empty: %.2f%n"
            + "bin/dw run / empty: %.2f (goal at most %.2f, %s)%n",
        count,
        nodeMedian,
        jarMedian,
        emptyMedian,
        jarMedian / emptyMedian,
        nodeMedian / emptyMedian,
        GOAL,
        nodeMedian / emptyMedian <= GOAL ? "reached" : "missed");
  }

  private static Duration startNode(Path work) throws Exception {
    try (ServerProcess node = Servers.runCommand(work)) {
      return Servers.awaitNode(node, work);
    }
  }

  private static Duration startJar(Path work) throws Exception {
    try (ServerProcess node = Servers.node(work)) {
      return Servers.awaitNode(node, work);
    }
  }

  private static Duration startEmpty(Path work, Path war) throws Exception {
    try (ServerProcess payara = Servers.plainPayara(work, war)) {
      return Servers.awaitPayara(payara, war);
    }
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }
}
