package io.datawarehouse.plugin.balancing;

import io.datawarehouse.sdk.balance.CandidateTable;
import io.datawarehouse.sdk.balance.DeploymentTier;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.NodeSelector;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.testkit.balance.FakeSignals;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * Nodes that work off one request after the other, and senders that each choose by what they
 * themselves see: requests under way and latency of their own, processors as the nodes told them
 * last. Time is simulated, chance comes from a seed. Confined to one thread.
 */
final class Simulation {

  /**
   * What is simulated.
   *
   * @param seed where chance comes from
   * @param senders how many choose
   * @param speeds how fast each node works, 1 as a rule
   * @param utilisation the part of all nodes' speed that is asked for
   * @param keys how many keys there are
   * @param skew how uneven keys are: the exponent of Zipf's law
   * @param requests how many requests there are
   * @param tier the tier that strategies are prepared with
   */
  record Plan(
      long seed,
      int senders,
      double[] speeds,
      double utilisation,
      int keys,
      double skew,
      int requests,
      DeploymentTier tier) {}

  /** Work of one request on a node of speed 1, and how often nodes tell their load. */
  private static final double MEAN_MILLIS = 10;

  private static final double HEARTBEAT_MILLIS = 500;
  private static final double SMOOTHING = 0.125;
  private static final double LOAD_SMOOTHING = 0.3;

  /** What came of it: times of answers in milliseconds, sorted, and who got what when. */
  record Outcome(double[] millis, List<int[]> windows) {
    double percentile(double part) {
      return millis[(int) Math.min(millis.length - 1, part * millis.length)];
    }
  }

  private record Request(int sender, int node, double began, double work) {}

  private record Event(double at, long order, int kind, int node) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private static final int ARRIVAL = 0;
  private static final int DONE = 1;
  private static final int HEARTBEAT = 2;
  private static final int WINDOW = 3;
  private static final double WINDOW_MILLIS = 100;

  private final Plan plan;
  private final SplittableRandom random;
  private final NodeSelector[] selectors;
  private final FakeSignals[] signals;
  private final double[][] latencies;
  private final List<Deque<Request>> queues = new ArrayList<>();
  private final double[] busySince;
  private final double[] busy;
  private final double[] zipf;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final double[] millis;
  private final List<int[]> windows = new ArrayList<>();
  private int[] window;
  private long order;
  private double now;

  private Simulation(Plan plan, LongFunction<LoadBalancerStrategy> strategies) {
    this.plan = plan;
    this.random = new SplittableRandom(plan.seed);
    int nodes = plan.speeds.length;
    CandidateTable table = Tables.of(nodes);
    selectors = new NodeSelector[plan.senders];
    signals = new FakeSignals[plan.senders];
    latencies = new double[plan.senders][nodes];
    for (int sender = 0; sender < plan.senders; sender++) {
      selectors[sender] =
          strategies.apply(plan.seed * 100 + sender).prepare(table, plan.tier.defaults());
      signals[sender] = new FakeSignals(nodes);
      Arrays.fill(latencies[sender], -1);
    }
    for (int node = 0; node < nodes; node++) {
      queues.add(new ArrayDeque<>());
    }
    busySince = new double[nodes];
    busy = new double[nodes];
    window = new int[nodes];
    millis = new double[plan.requests];
    zipf = new double[plan.keys];
    double sum = 0;
    for (int rank = 0; rank < plan.keys; rank++) {
      sum += 1 / Math.pow(rank + 1, plan.skew);
      zipf[rank] = sum;
    }
  }

  /** Runs it with one strategy, a new one for each sender, from a seed. */
  static Outcome run(Plan plan, LongFunction<LoadBalancerStrategy> strategies) {
    return new Simulation(plan, strategies).run();
  }

  private Outcome run() {
    double speed = Arrays.stream(plan.speeds).sum();
    double pause = MEAN_MILLIS / (speed * plan.utilisation);
    at(0, ARRIVAL, 0);
    at(WINDOW_MILLIS, WINDOW, 0);
    for (int node = 0; node < plan.speeds.length; node++) {
      at(random.nextDouble() * HEARTBEAT_MILLIS, HEARTBEAT, node);
    }
    int arrived = 0;
    int done = 0;
    while (done < plan.requests) {
      Event event = events.remove();
      now = event.at;
      switch (event.kind) {
        case ARRIVAL -> {
          arrive();
          if (++arrived < plan.requests) {
            at(now + exponential(pause), ARRIVAL, 0);
          }
        }
        case DONE -> millis[done++] = finish(event.node);
        case HEARTBEAT -> {
          beat(event.node);
          at(now + HEARTBEAT_MILLIS, HEARTBEAT, event.node);
        }
        default -> {
          windows.add(window);
          window = new int[window.length];
          at(now + WINDOW_MILLIS, WINDOW, 0);
        }
      }
    }
    Arrays.sort(millis);
    return new Outcome(millis, windows);
  }

  private void arrive() {
    int sender = random.nextInt(plan.senders);
    double place = random.nextDouble() * zipf[zipf.length - 1];
    int key = Arrays.binarySearch(zipf, place);
    long hash = KeyHash.of("bucket/key-" + (key < 0 ? -key - 1 : key));
    int node = selectors[sender].select(signals[sender], hash);
    signals[sender].underWay(node, 1);
    window[node]++;
    Deque<Request> queue = queues.get(node);
    queue.add(new Request(sender, node, now, exponential(MEAN_MILLIS / plan.speeds[node])));
    if (queue.size() == 1) {
      begin(node);
    }
  }

  private void begin(int node) {
    busySince[node] = now;
    at(now + queues.get(node).element().work, DONE, node);
  }

  private double finish(int node) {
    Request request = queues.get(node).remove();
    busy[node] += now - busySince[node];
    if (!queues.get(node).isEmpty()) {
      begin(node);
    }
    double took = now - request.began;
    signals[request.sender].underWay(node, -1);
    double before = latencies[request.sender][node];
    // The peak counts at once, what is less only bit by bit.
    double after = before < took ? took : before + (took - before) * SMOOTHING;
    latencies[request.sender][node] = after;
    signals[request.sender].latency(node, (long) (after * 1e6));
    return took;
  }

  private void beat(int node) {
    double worked = busy[node];
    if (!queues.get(node).isEmpty()) {
      worked += now - busySince[node];
      busySince[node] = now;
    }
    busy[node] = 0;
    double percent = Math.min(100, worked / HEARTBEAT_MILLIS * 100);
    for (FakeSignals seen : signals) {
      double before = seen.cpuPercent(node);
      seen.busy(
          node, Double.isNaN(before) ? percent : before + (percent - before) * LOAD_SMOOTHING);
    }
  }

  private double exponential(double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  private void at(double when, int kind, int node) {
    events.add(new Event(when, order++, kind, node));
  }
}
