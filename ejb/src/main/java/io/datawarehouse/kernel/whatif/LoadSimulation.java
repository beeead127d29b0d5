package io.datawarehouse.kernel.whatif;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Nodes that work off requests in the order in which they come, some at a time, and senders that
 * each choose by what they see themselves: their own requests under way and their latency, and the
 * processors as the nodes told them last. Time is simulated and chance is in the plan alone, so the
 * same plan means the same outcome. Confined to one thread.
 *
 * <p>Source: a discrete-event simulation as in Law: Simulation Modeling and Analysis; the nodes are
 * queues G/G/c served first come, first served.
 */
public final class LoadSimulation {

  /**
   * A node.
   *
   * @param speed how fast it works, 1 as a rule
   * @param concurrency how many requests it works on at a time
   */
  public record Server(double speed, int concurrency) {}

  /** Chooses for one sender. */
  @FunctionalInterface
  public interface Choice {
    /** Returns the number of the node that gets a request. */
    int choose(TracedRequest request, SimulatedSignals signals);
  }

  /**
   * What is simulated.
   *
   * @param servers the nodes
   * @param requests in the order of their times
   * @param senders one choice for each sender
   * @param mostEvents how much may happen until it is too much
   * @param stop asked now and then whether to give up
   */
  public record Plan(
      List<Server> servers,
      List<TracedRequest> requests,
      List<Choice> senders,
      long mostEvents,
      BooleanSupplier stop) {}

  /**
   * What came of it.
   *
   * @param nodes which node each request went to
   * @param millis how long each took
   * @param busyMillis how long each node worked, for each request that it works on at a time
   * @param lengthMillis when the last request had been answered
   */
  @SuppressWarnings("ArrayRecordComponent") // Millions of numbers; whoever gets them owns them.
  public record Outcome(int[] nodes, double[] millis, double[] busyMillis, double lengthMillis) {

    /** Returns the time that a part of all requests took at most. */
    public double percentile(double part) {
      double[] sorted = millis.clone();
      Arrays.sort(sorted);
      return sorted.length == 0
          ? 0
          : sorted[(int) Math.min(sorted.length - 1, part * sorted.length)];
    }
  }

  /** How often nodes tell how busy they are. */
  public static final double HEARTBEAT_MILLIS = 500;

  private static final int ASK_EVERY = 1 << 12;

  private record Event(double at, long order, int node, int request) implements Comparable<Event> {
    static final int HEARTBEAT = -1;

    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** What one node is at. */
  private static final class Desk {
    private final Queue<Integer> waiting = new ArrayDeque<>();
    private int running;
    private double since;
    private double busy;
    private double told;

    void advance(double now) {
      busy += running * (now - since);
      since = now;
    }
  }

  private final Plan plan;
  private final Desk[] desks;
  private final SimulatedSignals[] signals;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final int[] nodes;
  private final double[] millis;
  private long order;
  private long happened;
  private double now;

  private LoadSimulation(Plan plan) {
    this.plan = plan;
    desks = new Desk[plan.servers.size()];
    Arrays.setAll(desks, node -> new Desk());
    signals = new SimulatedSignals[plan.senders.size()];
    Arrays.setAll(signals, sender -> new SimulatedSignals(desks.length));
    nodes = new int[plan.requests.size()];
    millis = new double[nodes.length];
  }

  /**
   * Runs it to its end.
   *
   * @throws WarehouseException {@code TOO_LARGE} for more events than allowed, {@code TIMEOUT} when
   *     it was told to stop
   */
  public static Outcome run(Plan plan) {
    return new LoadSimulation(plan).run();
  }

  private Outcome run() {
    for (int node = 0; node < desks.length; node++) {
      at(HEARTBEAT_MILLIS * (node + 1) / desks.length, node, Event.HEARTBEAT);
    }
    int arrived = 0;
    int done = 0;
    while (done < nodes.length) {
      count();
      Event next = events.element();
      if (arrived < nodes.length && plan.requests.get(arrived).atMillis() <= next.at) {
        now = plan.requests.get(arrived).atMillis();
        arrive(arrived++);
        continue;
      }
      events.remove();
      now = next.at;
      if (next.request == Event.HEARTBEAT) {
        beat(next.node);
        at(now + HEARTBEAT_MILLIS, next.node, Event.HEARTBEAT);
      } else {
        finish(next.node, next.request);
        done++;
      }
    }
    double[] busy = new double[desks.length];
    for (int node = 0; node < desks.length; node++) {
      desks[node].advance(now);
      busy[node] = desks[node].busy / plan.servers.get(node).concurrency;
    }
    return new Outcome(nodes, millis, busy, now);
  }

  private void count() {
    if (++happened > plan.mostEvents) {
      throw new WarehouseException(
          StandardErrorCode.TOO_LARGE,
          "the simulation has more than " + plan.mostEvents + " events; use a shorter trace");
    }
    if (happened % ASK_EVERY == 0 && plan.stop.getAsBoolean()) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT, "the simulation took too long; use a shorter trace");
    }
  }

  private void arrive(int number) {
    TracedRequest request = plan.requests.get(number);
    int node = plan.senders.get(request.sender()).choose(request, signals[request.sender()]);
    nodes[number] = node;
    signals[request.sender()].sent(node);
    Desk desk = desks[node];
    if (desk.running < plan.servers.get(node).concurrency) {
      begin(node, number);
    } else {
      desk.waiting.add(number);
    }
  }

  private void begin(int node, int number) {
    desks[node].advance(now);
    desks[node].running++;
    double work = plan.requests.get(number).workMillis() / plan.servers.get(node).speed;
    at(now + work, node, number);
  }

  private void finish(int node, int number) {
    Desk desk = desks[node];
    desk.advance(now);
    desk.running--;
    Integer next = desk.waiting.poll();
    if (next != null) {
      begin(node, next);
    }
    TracedRequest request = plan.requests.get(number);
    millis[number] = now - request.atMillis();
    signals[request.sender()].answered(node, millis[number], now);
  }

  private void beat(int node) {
    Desk desk = desks[node];
    desk.advance(now);
    double worked = (desk.busy - desk.told) / plan.servers.get(node).concurrency;
    desk.told = desk.busy;
    double percent = Math.min(100, worked / HEARTBEAT_MILLIS * 100);
    for (SimulatedSignals each : signals) {
      each.said(node, percent, now);
    }
  }

  private void at(double when, int node, int request) {
    events.add(new Event(when, order++, node, request));
  }
}
