package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Request and reply between two processes on loopback: the federated bus against one bare
 * bidirectional gRPC stream, and against whatever else {@link #peers()} lists. So many requests are
 * under way; each answer sends the next one from the thread that brought it.
 */
public final class PeersBenchmark {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int SMALL = 100;
  private static final int LARGE = 64 << 10;

  private PeersBenchmark() {}

  /** What is compared; the first one is what the others are held against. */
  private static Map<String, Peer> peers() {
    Map<String, Peer> peers = new LinkedHashMap<>();
    peers.put("grpc", new BareGrpc());
    peers.put("caller", new Federated(Execution.CALLER, false));
    peers.put("keyed", new Federated(Execution.CALLER, true));
    peers.put("worker", new Federated(Execution.WORKER, false));
    return peers;
  }

  /** Runs it; with {@code serve NAME} it is the process that answers. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("serve")) {
      System.out.println("READY " + peers().get(arguments[1]).serve());
      while (System.in.read() >= 0) {
        // The other process ends, and with it this stream.
      }
      System.exit(0);
    }
    List<String> what = arguments.length == 0 ? List.of("small", "one") : Arrays.asList(arguments);
    Duration round = Duration.ofMillis(Integer.getInteger("benchmarks.round", 1_500));
    int rounds = Integer.getInteger("benchmarks.rounds", 5);
    Rounds.Plan plan = new Rounds.Plan(round.multipliedBy(4), round, rounds);
    List<Process> processes = new ArrayList<>();
    Map<String, Peer> peers = peers();
    try {
      for (Map.Entry<String, Peer> peer : peers.entrySet()) {
        Process process = start(peer.getKey());
        processes.add(process);
        peer.getValue().connect(placeOf(process), LIMIT);
      }
      for (String which : what) {
        switch (which) {
          case "small" -> {
            compare(peers, plan, SMALL, 64, 0.65);
            compare(peers, plan, SMALL, 256, 0.65);
          }
          case "large" -> compare(peers, plan, LARGE, 64, 0.8);
          case "one" -> compare(peers, plan, SMALL, 1, 1 / 1.3);
          default -> throw new IllegalArgumentException("small, large or one, not " + which);
        }
      }
    } finally {
      for (Peer peer : peers.values()) {
        peer.close();
      }
      processes.forEach(Process::destroy);
    }
    System.exit(0);
  }

  private static Process start(String peer) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            PeersBenchmark.class.getName(),
            "serve",
            peer)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String placeOf(Process process) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (line != null && !line.startsWith("READY ")) {
      line = lines.readLine();
    }
    if (line == null) {
      throw new IOException("the process that answers has ended");
    }
    return line.substring("READY ".length());
  }

  private static void compare(
      Map<String, Peer> peers, Rounds.Plan plan, int bytes, int inFlight, double goal)
      throws Exception {
    List<Subject> subjects = new ArrayList<>();
    peers.values().forEach(peer -> subjects.add(new Asking(peer, bytes, inFlight)));
    Map<String, Double> medians =
        new Rounds(
                System.out, bytes + " bytes there and back, " + inFlight + " in flight", "req/s", 1)
            .compare(plan, subjects);
    double bare = medians.get(subjects.get(0).name());
    for (Subject subject : subjects.subList(1, subjects.size())) {
      Rounds.ratio(
          System.out,
          subject.name() + " / " + subjects.get(0).name(),
          medians.get(subject.name()) / bare,
          goal);
    }
  }

  /** Keeps so many requests under way. */
  private record Asking(Peer peer, int bytes, int inFlight) implements Subject {

    @Override
    public String name() {
      return peer.name();
    }

    @Override
    public Measured run(Duration time) throws Exception {
      byte[] payload = new byte[bytes];
      new Random(1).nextBytes(payload);
      Run run = new Run(peer, payload, inFlight);
      long begin = System.nanoTime();
      for (int i = 0; i < inFlight; i++) {
        run.next();
      }
      Thread.sleep(time.toMillis());
      double seconds = (System.nanoTime() - begin) / 1e9;
      long answered = run.answered.get();
      run.stop.set(true);
      run.ended.await();
      if (run.failure.get() != null) {
        throw new IllegalStateException("a request failed", run.failure.get());
      }
      Histogram times = run.times;
      return new Measured(
          answered / seconds,
          times.getValueAtPercentile(50) / 1e3,
          times.getValueAtPercentile(99) / 1e3);
    }
  }

  private static final class Run {
    private final Peer peer;
    private final byte[] payload;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Histogram times = new ConcurrentHistogram(10_000_000_000L, 3);
    private final CountDownLatch ended;

    Run(Peer peer, byte[] payload, int inFlight) {
      this.peer = peer;
      this.payload = payload;
      this.ended = new CountDownLatch(inFlight);
    }

    void next() {
      long begin = System.nanoTime();
      peer.ask(payload)
          .whenComplete(
              (answer, thrown) -> {
                times.recordValue(System.nanoTime() - begin);
                answered.incrementAndGet();
                if (thrown != null) {
                  failure.compareAndSet(null, thrown);
                }
                if (stop.get() || thrown != null) {
                  ended.countDown();
                } else {
                  next();
                }
              });
    }
  }
}
