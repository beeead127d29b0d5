package io.datawarehouse.benchmarks.bus;

import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import io.datawarehouse.sdk.message.HandlerOptions.Ordering;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Request and reply in one process: the warehouse's bus against the event bus of Vert.x, a short
 * text there and back, in the two ways in which either can be used. Without a change of thread: the
 * warehouse's handler on the caller's thread, Vert.x with requester and consumer on one event loop.
 * With one: the warehouse's handler on a worker, Vert.x called from a thread of the application,
 * with many requests under way and with one at a time. Rounds are short and many, and the warm-up
 * is long, so that a machine on which others work is unfair to all alike.
 */
public final class BusBenchmark {

  private static final int WINDOW = 64;
  private static final Rounds.Plan PLAN =
      new Rounds.Plan(Duration.ofMillis(4_000), Duration.ofMillis(200), 21);

  private BusBenchmark() {}

  /** Runs it; the arguments are numbers of threads, 1 and 4 where there are none. */
  public static void main(String[] arguments) throws Exception {
    List<Integer> threads = new ArrayList<>();
    for (String argument : arguments) {
      threads.add(Integer.valueOf(argument));
    }
    if (threads.isEmpty()) {
      threads.addAll(List.of(1, 4));
    }
    for (int count : threads) {
      sameThread(count);
      handOver(count, WINDOW);
      handOver(count, 1);
    }
  }

  private static void sameThread(int threads) throws Exception {
    try (WarehouseBus warehouse = new WarehouseBus();
        VertxBus vertx = new VertxBus(threads)) {
      Subject one = vertx.onTheLoop("vertx, on the loop, 1 in flight", threads, 1);
      Subject many = vertx.onTheLoop("vertx, on the loop, 64 in flight", threads, WINDOW);
      Subject caller =
          warehouse.waiting(
              "warehouse, caller, unordered", threads, Execution.CALLER, Ordering.UNORDERED);
      Subject keyed =
          warehouse.waiting(
              "warehouse, caller, by affinity key",
              threads,
              Execution.CALLER,
              Ordering.BY_AFFINITY_KEY);
      Map<String, Double> medians =
          new Rounds(System.out, "No change of thread, " + threads + " threads", "req/s", 1)
              .compare(PLAN, List.of(one, many, caller, keyed));
      double best = Math.max(medians.get(one.name()), medians.get(many.name()));
      ratio(caller, medians, best);
      ratio(keyed, medians, best);
    }
  }

  private static void handOver(int threads, int window) throws Exception {
    try (WarehouseBus warehouse = new WarehouseBus();
        VertxBus vertx = new VertxBus(threads)) {
      String inFlight = ", " + window + " in flight";
      Subject other = vertx.fromThreads("vertx, from threads" + inFlight, threads, window);
      Subject worker =
          warehouse.windowed(
              "warehouse, worker, unordered" + inFlight, threads, window, Ordering.UNORDERED);
      Subject keyed =
          warehouse.windowed(
              "warehouse, worker, by affinity key" + inFlight,
              threads,
              window,
              Ordering.BY_AFFINITY_KEY);
      Map<String, Double> medians =
          new Rounds(System.out, "Handed to another thread, " + threads + " threads", "req/s", 1)
              .compare(PLAN, List.of(other, worker, keyed));
      double best = medians.get(other.name());
      ratio(worker, medians, best);
      ratio(keyed, medians, best);
    }
  }

  private static void ratio(Subject subject, Map<String, Double> medians, double vertx) {
    Rounds.ratio(System.out, subject.name() + " / vertx", medians.get(subject.name()) / vertx, 3.0);
  }
}
