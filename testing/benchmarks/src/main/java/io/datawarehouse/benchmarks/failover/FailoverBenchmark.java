package io.datawarehouse.benchmarks.failover;

import io.datawarehouse.benchmarks.failover.KeyedLoad.Call;
import io.datawarehouse.benchmarks.server.Servers;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * How long clients wait when a node of three is killed ({@code kill -9}) or stands still ({@code
 * SIGSTOP}) under load: for each key that was its own, the time until the first right answer from
 * another node; the longest request; and how many requests failed, of which there must be none, as
 * all of them may be handled twice.
 */
public final class FailoverBenchmark {

  private static final int KEYS = 60;
  private static final int PER_SECOND = Integer.getInteger("benchmarks.rate", 100);
  private static final Duration STEADY = Duration.ofSeconds(5);
  private static final Duration AFTER = Duration.ofSeconds(10);

  private final LocalCluster cluster;
  private final HttpClient http;

  private FailoverBenchmark(LocalCluster cluster, HttpClient http) {
    this.cluster = cluster;
    this.http = http;
  }

  /** Runs {@code kill} and {@code stop}, or those that the arguments name. */
  public static void main(String[] arguments) throws Exception {
    List<String> what = arguments.length == 0 ? List.of("kill", "stop") : Arrays.asList(arguments);
    int rounds = Integer.getInteger("benchmarks.rounds", 2);
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newFixedThreadPool(2))
            .build();
    Path work = Servers.workDirectory("failover");
    try (LocalCluster cluster = new LocalCluster(work, http)) {
      FailoverBenchmark benchmark = new FailoverBenchmark(cluster, http);
      for (int round = 0; round < rounds; round++) {
        int victim = LocalCluster.NODES - round % LocalCluster.NODES;
        for (String which : what) {
          switch (which) {
            case "kill" -> benchmark.kill(victim);
            case "stop" -> benchmark.stop(victim);
            default -> throw new IllegalArgumentException("kill or stop, not " + which);
          }
        }
      }
    }
    System.exit(0);
  }

  private void kill(int victim) throws Exception {
    measure("kill -9 of node-" + victim, "KILL", victim, 1.0);
    cluster.start(victim);
  }

  private void stop(int victim) throws Exception {
    try {
      measure("SIGSTOP of node-" + victim, "STOP", victim, 4.0);
    } finally {
      cluster.signal("CONT", victim);
    }
    cluster.awaitWhole();
  }

  private void measure(String title, String signal, int victim, double goal) throws Exception {
    List<Integer> others = new ArrayList<>();
    for (int node = 1; node <= LocalCluster.NODES; node++) {
      if (node != victim) {
        others.add(node);
      }
    }
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add("failover/key-" + i);
    }
    List<String> lost = keysOf(victim, keys, others.get(0));
    try (KeyedLoad load = new KeyedLoad(cluster, http, keys, others, PER_SECOND)) {
      Thread.sleep(STEADY.toMillis());
      long at = cluster.signal(signal, victim);
      Thread.sleep(AFTER.toMillis());
      report(title, load.end(), load.leftOut(), lost, "node-" + victim, at, goal);
    }
  }

  private List<String> keysOf(int node, List<String> keys, int through)
      throws IOException, InterruptedException {
    List<String> owned = new ArrayList<>();
    for (String key : keys) {
      String body =
          http.send(KeyedLoad.ping(cluster, through, key, 0), BodyHandlers.ofString()).body();
      if (KeyedLoad.handledBy(body).equals("node-" + node)) {
        owned.add(key);
      }
    }
    if (owned.isEmpty()) {
      throw new IllegalStateException("node-" + node + " owns none of the keys");
    }
    return owned;
  }

  private static void report(
      String title,
      List<Call> calls,
      long leftOut,
      List<String> lost,
      String victim,
      long at,
      double goal) {
    Map<String, Double> first = new TreeMap<>();
    double worst = 0;
    double steady = 0;
    List<String> problems = new ArrayList<>();
    for (Call call : calls) {
      double seconds = (call.ended() - call.sent()) / 1e9;
      if (!call.problem().isEmpty()) {
        problems.add("%s after %.2f s: %s".formatted(call.key(), seconds, call.problem()));
      } else if (call.ended() < at) {
        steady = Math.max(steady, seconds);
      } else {
        worst = Math.max(worst, seconds);
        if (!call.handledBy().equals(victim)) {
          first.merge(call.key(), (call.ended() - at) / 1e9, Math::min);
        }
      }
    }
    List<Double> firsts =
        lost.stream()
            .map(key -> first.getOrDefault(key, Double.POSITIVE_INFINITY))
            .sorted()
            .toList();
    double slowest = firsts.get(firsts.size() - 1);
    System.out.printf(
        Locale.ROOT,
        "%n%s, %d requests a second, %d of %d keys were its own%n"
            + "  first right answer from another node        %8.3f s median, %.3f s slowest key"
            + "  (goal: within %.1f, %s)%n"
            + "  longest request                             %8.3f s (before: %.3f)%n"
            + "  requests that failed                        %8d of %d, %d left out%n",
        title,
        PER_SECOND,
        lost.size(),
        KEYS,
        firsts.get(firsts.size() / 2),
        slowest,
        goal,
        slowest <= goal ? "reached" : "missed",
        worst,
        steady,
        problems.size(),
        calls.size(),
        leftOut);
    problems.stream().limit(5).forEach(problem -> System.out.println("    " + problem));
  }
}
