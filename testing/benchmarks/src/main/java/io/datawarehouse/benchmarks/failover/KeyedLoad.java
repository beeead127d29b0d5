package io.datawarehouse.benchmarks.failover;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that asks at a steady rate, one key after the other, through the nodes in turns, and
 * keeps what became of each request. Queries: they may be handled twice. At most so many are under
 * way; what finds no room is left out and counted. Thread-safe.
 */
final class KeyedLoad implements AutoCloseable {

  private static final int MOST_UNDER_WAY = 256;
  private static final Pattern HANDLED_BY = Pattern.compile("\"handledBy\" ?: ?\"([^\"]+)\"");

  /**
   * A request that has ended.
   *
   * @param key its affinity key
   * @param sent when it was sent
   * @param ended when it was answered or failed
   * @param handledBy the node that answered rightly; empty where none did
   * @param problem what came instead; empty where it was answered rightly
   */
  record Call(String key, long sent, long ended, String handledBy, String problem) {}

  private final LocalCluster cluster;
  private final HttpClient http;
  private final List<String> keys;
  private final List<Integer> nodes;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Semaphore room = new Semaphore(MOST_UNDER_WAY);
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicLong leftOut = new AtomicLong();
  private long turn;

  /**
   * Begins to ask.
   *
   * @param nodes through which it asks
   * @param perSecond how often
   */
  KeyedLoad(
      LocalCluster cluster,
      HttpClient http,
      List<String> keys,
      List<Integer> nodes,
      int perSecond) {
    this.cluster = cluster;
    this.http = http;
    this.keys = keys;
    this.nodes = nodes;
    var unused =
        timer.scheduleAtFixedRate(
            this::next, 0, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
  }

  private void next() {
    long number = turn++;
    if (!room.tryAcquire()) {
      leftOut.incrementAndGet();
      return;
    }
    String key = keys.get((int) (number % keys.size()));
    int node = nodes.get((int) (number / keys.size() % nodes.size()));
    long sent = System.nanoTime();
    http.sendAsync(ping(cluster, node, key, number), BodyHandlers.ofString())
        .whenComplete(
            (answer, thrown) -> {
              room.release();
              calls.add(call(key, number, sent, answer, thrown));
            });
  }

  /** Returns a query that is answered with what it says. */
  static HttpRequest ping(LocalCluster cluster, int node, String key, long number) {
    String body =
        "{\"kind\":\"query\",\"payload\":{\"number\":%d},\"affinityKey\":\"%s\",\"timeoutMillis\":20000}"
            .formatted(number, key);
    return cluster
        .request(node, "/api/v1/messages/echo.ping")
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static Call call(
      String key, long number, long sent, HttpResponse<String> answer, Throwable thrown) {
    long ended = System.nanoTime();
    if (thrown != null) {
      return new Call(key, sent, ended, "", thrown.toString());
    }
    String handler = handledBy(answer.body());
    boolean right =
        answer.statusCode() == 200
            && !handler.isEmpty()
            && answer.body().replace(" ", "").contains("{\"number\":" + number + "}");
    return right
        ? new Call(key, sent, ended, handler, "")
        : new Call(key, sent, ended, "", answer.statusCode() + " " + answer.body());
  }

  /** Returns who answered; empty where the answer does not tell. */
  static String handledBy(String body) {
    Matcher matcher = HANDLED_BY.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }

  long leftOut() {
    return leftOut.get();
  }

  /** Stops asking, waits for what is under way, and returns all requests. */
  List<Call> end() throws InterruptedException {
    timer.shutdown();
    if (!room.tryAcquire(MOST_UNDER_WAY, 60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("requests did not end");
    }
    return List.copyOf(calls);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
