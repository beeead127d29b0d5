package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.benchmarks.report.Subject.Measured;
import io.datawarehouse.benchmarks.server.ServerProcess;
import io.datawarehouse.benchmarks.server.Servers;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Request and reply between two processes on loopback: the federated bus against one bare
 * bidirectional gRPC stream, and against the buses and remote calls of other products. Each of them
 * has two processes of its own, and a class path of its own; see {@link PeerProgram} for what these
 * do.
 */
public final class PeersBenchmark {

  private static final int SMALL = 100;
  private static final int LARGE = 64 << 10;
  private static final double LATENCY_GOAL = 1.3;

  private static final Path TARGET =
      Path.of(System.getProperty("benchmarks.root", "."), "testing/benchmarks/target")
          .toAbsolutePath();

  private enum Kind {
    /** What the bus is held against, and cannot be faster than. */
    LIMIT,
    /** The bus of the product. */
    OWN,
    /** Another product. */
    OTHER
  }

  /**
   * One of those that are compared.
   *
   * @param id names it on the command line and in the directory of its libraries
   * @param main its program; empty for one of {@link OwnPeers}
   */
  private record Candidate(String id, String name, Kind kind, String main) {

    List<String> command() {
      List<String> command =
          new ArrayList<>(
              List.of(
                  ServerProcess.java(),
                  "-Xmx384m",
                  "-XX:-UsePerfData",
                  "-Djava.net.preferIPv4Stack=true",
                  // With one worker, as two processors have, a thread would be made for each task.
                  "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2"));
      if (kind == Kind.OTHER) {
        Path libraries = TARGET.resolve("peers").resolve(id);
        command.addAll(
            List.of(
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                Stream.of(libraries.resolve("classes"), TARGET.resolve("classes"))
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator))
                    + File.pathSeparator
                    + libraries.resolve("*"),
                main));
      } else {
        command.addAll(
            List.of("-cp", System.getProperty("java.class.path"), OwnPeers.class.getName(), id));
      }
      return command;
    }
  }

  private static final List<Candidate> ALL =
      List.of(
          new Candidate("grpc", "bare gRPC stream", Kind.LIMIT, ""),
          new Candidate("caller", "warehouse, caller", Kind.OWN, ""),
          new Candidate("keyed", "warehouse, caller, by affinity key", Kind.OWN, ""),
          new Candidate("worker", "warehouse, worker", Kind.OWN, ""),
          other("vertx", "Vert.x clustered, Infinispan", "VertxEcho"),
          other("jgroups", "JGroups RpcDispatcher", "JGroupsEcho"),
          other("hazelcast", "Hazelcast executor", "HazelcastEcho"),
          other("pekko", "Pekko ask", "PekkoEcho"));

  private final Map<Candidate, PeerProcesses> peers;
  private final Rounds.Plan plan;

  private PeersBenchmark(Map<Candidate, PeerProcesses> peers, Rounds.Plan plan) {
    this.peers = peers;
    this.plan = plan;
  }

  private static Candidate other(String id, String name, String main) {
    return new Candidate(
        id, name, Kind.OTHER, "io.datawarehouse.benchmarks.peers." + id + "." + main);
  }

  /** Runs what the arguments name: {@code small}, {@code large}, {@code one}. */
  public static void main(String[] arguments) throws Exception {
    List<String> what = arguments.length == 0 ? List.of("small", "one") : Arrays.asList(arguments);
    Duration round = Duration.ofMillis(Integer.getInteger("benchmarks.round", 1_500));
    int rounds = Integer.getInteger("benchmarks.rounds", 5);
    Duration warm = Duration.ofMillis(Integer.getInteger("benchmarks.warm", 20_000));
    List<String> chosen = List.of(System.getProperty("benchmarks.peers", "").split(",", -1));
    Path logs = Servers.workDirectory("peers");
    Map<Candidate, PeerProcesses> peers = new LinkedHashMap<>();
    try {
      for (Candidate candidate : ALL) {
        if (chosen.contains("") || chosen.contains(candidate.id)) {
          Path log = logs.resolve(candidate.id + ".log");
          peers.put(candidate, new PeerProcesses(candidate.name, candidate.command(), log));
        }
      }
      new PeersBenchmark(peers, new Rounds.Plan(warm, round, rounds)).run(what);
    } finally {
      peers.values().forEach(PeerProcesses::close);
    }
  }

  private void run(List<String> what) throws Exception {
    for (String which : what) {
      switch (which) {
        case "small" -> {
          compareRates(SMALL, 64, 0.65);
          compareRates(SMALL, 256, 0.65);
        }
        case "large" -> compareRates(LARGE, 64, 0.8);
        case "one" -> compareTimes();
        default -> throw new IllegalArgumentException("small, large or one, not " + which);
      }
    }
  }

  private Map<String, Measured> measure(int bytes, int inFlight) throws Exception {
    List<Subject> subjects = new ArrayList<>();
    peers.values().forEach(peer -> subjects.add(peer.asking(bytes, inFlight)));
    String title = bytes + " bytes there and back, " + inFlight + " in flight";
    Map<String, Measured> figures =
        new Rounds(System.out, title, "req/s", 1).measure(plan, subjects, () -> {});
    peers.forEach(
        (peer, processes) ->
            System.out.printf(
                Locale.ROOT,
                "  %-60s %6.1f us of processor time for a request%n",
                peer.name,
                processes.microsOfProcessor()));
    return figures;
  }

  private List<Candidate> of(Kind kind) {
    return peers.keySet().stream().filter(candidate -> candidate.kind == kind).toList();
  }

  private void compareRates(int bytes, int inFlight, double goal) throws Exception {
    Map<String, Measured> figures = measure(bytes, inFlight);
    for (Candidate own : of(Kind.OWN)) {
      for (Candidate other : peers.keySet()) {
        if (other.kind != Kind.OWN) {
          Rounds.ratio(
              System.out,
              own.name + " / " + other.name,
              figures.get(own.name).perSecond() / figures.get(other.name).perSecond(),
              other.kind == Kind.LIMIT ? goal : 1);
        }
      }
    }
  }

  private void compareTimes() throws Exception {
    Map<String, Measured> figures = measure(SMALL, 1);
    for (Candidate own : of(Kind.OWN)) {
      for (Candidate limit : of(Kind.LIMIT)) {
        double ratio = figures.get(own.name).p50Micros() / figures.get(limit.name).p50Micros();
        System.out.printf(
            Locale.ROOT,
            "  %-60s %6.2f  (goal at most %.2f, %s)%n",
            own.name + " / " + limit.name + ", median time",
            ratio,
            LATENCY_GOAL,
            ratio <= LATENCY_GOAL ? "reached" : "missed");
      }
    }
  }
}
