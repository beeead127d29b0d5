package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that never rests: it sends pings, writes and reads through the nodes that are there, and
 * checks every answer. Thread-safe.
 *
 * <ol>
 *   <li>A ping is answered, whatever happens to other nodes.
 *   <li>What was acknowledged is read back byte by byte.
 *   <li>Only a blob whose owner is known to be away may fail, with 503, and then never with 404.
 *   <li>A content that is on its way when its owner is killed or frozen may end early, which the
 *       client sees by the announced length. An owner that is stopped finishes what it has begun.
 *   <li>Nothing at all fails on the way to the node that is asked, unless that node is forgiven.
 * </ol>
 */
final class SteadyClient implements AutoCloseable {

  private static final long PAUSE_MILLIS = 40;
  private static final int[] SIZES = {100, 5_000, 40_000, 300_000};
  private static final String PING =
      "{\"kind\": \"query\", \"payload\": {\"a\": 1}, \"timeoutMillis\": 20000}";

  /** A blob that was acknowledged. */
  private record Written(String key, int size, long seed, String owner) {}

  private final List<NodeClient> nodes;
  private final String blobs;
  private final ScheduledExecutorService threads;
  private final Set<Integer> leftOut = ConcurrentHashMap.newKeySet();
  private final Set<Integer> forgiven = ConcurrentHashMap.newKeySet();
  private final Set<String> away = ConcurrentHashMap.newKeySet();
  private final Set<String> vanished = ConcurrentHashMap.newKeySet();
  private final List<Written> written = new CopyOnWriteArrayList<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final Map<String, AtomicInteger> handlers = new ConcurrentHashMap<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger excused = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * Begins at once.
   *
   * @param blobs the path of the bucket's blobs, to which a key is added
   */
  SteadyClient(List<NodeClient> nodes, String blobs, int threadCount) {
    this.nodes = nodes;
    this.blobs = blobs;
    this.threads = Executors.newScheduledThreadPool(threadCount);
    for (int i = 0; i < threadCount; i++) {
      Turns turns = new Turns(i);
      var unused = threads.scheduleWithFixedDelay(turns, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Sends nothing new through a node, which is number 1 or more. */
  void leaveOut(int node) {
    leftOut.add(node);
  }

  /** Forgives a node what is under way through it, too. */
  void forgive(int node) {
    forgiven.add(node);
  }

  void takeIn(int node) {
    leftOut.remove(node);
  }

  /** From now on blobs of that node may be unavailable; it finishes what it has begun. */
  void ownerGoes(String owner) {
    away.add(owner);
  }

  /** From now on blobs of that node may be unavailable, and what is under way may end early. */
  void ownerVanishes(String owner) {
    vanished.add(owner);
    away.add(owner);
  }

  /** From now on they must not. */
  void ownerIsBack(String owner) {
    away.remove(owner);
    vanished.remove(owner);
  }

  /** What was answered wrongly, or not. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** How many requests were answered as they should be. */
  int answered() {
    return answered.get();
  }

  /** How many requests met an owner that was known to be away. */
  int excused() {
    return excused.get();
  }

  /** How often a node has answered a ping. */
  int handledBy(String node) {
    AtomicInteger count = handlers.get(node);
    return count == null ? 0 : count.get();
  }

  /** Reads all that was ever acknowledged, through every node. */
  void readAll() {
    for (Written blob : written) {
      for (int node = 1; node <= nodes.size(); node++) {
        guarded("read of " + blob.key, node, number -> read(number, blob));
      }
    }
  }

  int acknowledged() {
    return written.size();
  }

  @Override
  public void close() {
    rest();
  }

  /** Sends nothing more by itself; returns when what is under way has ended. */
  void rest() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
        faults.add(underWay + " requests did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What one thread does, one request at a time. */
  private final class Turns implements Runnable {

    private final int thread;
    private final Random random;
    private int turn;

    Turns(int thread) {
      this.thread = thread;
      this.random = new Random(thread);
    }

    @Override
    public void run() {
      List<Integer> usable = new ArrayList<>();
      for (int node = 1; node <= nodes.size(); node++) {
        if (!leftOut.contains(node)) {
          usable.add(node);
        }
      }
      int node = usable.get(random.nextInt(usable.size()));
      turn++;
      switch (turn % 3) {
        case 0 -> guarded("ping", node, SteadyClient.this::ping);
        case 1 -> {
          String key = "steady-" + thread + "-" + turn;
          int size = SIZES[random.nextInt(SIZES.length)];
          long seed = random.nextLong();
          guarded("write of " + key, node, number -> write(number, key, size, seed));
        }
        default -> {
          if (!written.isEmpty()) {
            Written blob = written.get(random.nextInt(written.size()));
            guarded("read of " + blob.key, node, number -> read(number, blob));
          }
        }
      }
    }
  }

  private interface Call {
    void on(int node);
  }

  private void guarded(String what, int node, Call call) {
    long begin = System.nanoTime();
    underWay.incrementAndGet();
    try {
      call.on(node);
    } catch (UncheckedIOException e) {
      if (!forgiven.contains(node)) {
        fault(what, node, begin, e.getCause().toString());
      }
    } catch (RuntimeException e) {
      fault(what, node, begin, e.toString());
    } finally {
      underWay.decrementAndGet();
    }
  }

  private void fault(String what, int node, long begin, String why) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    faults.add("%s through node %d after %d ms: %s".formatted(what, node, millis, why));
  }

  private void ping(int node) {
    HttpResponse<byte[]> answer = client(node).postJson("/api/v1/messages/echo.ping", PING);
    require(answer.statusCode() == 200, answer.statusCode(), answer.body());
    String handler = NodeClient.parse(answer).path("handledBy").asText();
    handlers.computeIfAbsent(handler, name -> new AtomicInteger()).incrementAndGet();
    answered.incrementAndGet();
  }

  private void write(int node, String key, int size, long seed) {
    Set<String> awayBefore = Set.copyOf(away);
    HttpResponse<byte[]> answer = client(node).put(blobs + "/" + key, content(size, seed));
    if (answer.statusCode() == 201) {
      JsonNode owner = NodeClient.parse(answer).path("owners").path(0);
      written.add(new Written(key, size, seed, owner.asText()));
      answered.incrementAndGet();
    } else {
      excuse(answer.statusCode(), answer.body(), ownerOf(key), awayBefore);
    }
  }

  private void read(int node, Written blob) {
    Set<String> awayBefore = Set.copyOf(away);
    Set<String> vanishedBefore = Set.copyOf(vanished);
    HttpResponse<InputStream> answer = client(node).open(blobs + "/" + blob.key);
    byte[] body;
    try (InputStream content = answer.body()) {
      body = content.readAllBytes();
    } catch (IOException e) {
      if (!vanishedBefore.contains(blob.owner) && !vanished.contains(blob.owner)) {
        throw new UncheckedIOException(e);
      }
      excused.incrementAndGet();
      return;
    }
    if (answer.statusCode() == 200) {
      require(Arrays.equals(body, content(blob.size, blob.seed)), answer.statusCode(), body);
      answered.incrementAndGet();
    } else {
      excuse(answer.statusCode(), body, blob.owner, awayBefore);
    }
  }

  private void excuse(int status, byte[] body, String owner, Set<String> awayBefore) {
    boolean away503 = status == 503 && (awayBefore.contains(owner) || away.contains(owner));
    if (!away503) {
      throw new IllegalStateException(
          "owner %s, away %s: %s".formatted(owner, away, shown(status, body)));
    }
    excused.incrementAndGet();
  }

  /** Asked only where something went wrong. */
  private String ownerOf(String key) {
    String bucket = blobs.split("/", -1)[4];
    String question = "/api/v1/explain/route?topic=storage.write&key=" + bucket + "/" + key;
    for (int node = 1; node <= nodes.size(); node++) {
      if (!leftOut.contains(node)) {
        int segment = client(node).getJson(question).path("segment").asInt(-1);
        for (JsonNode one : client(node).getJson("/api/v1/cluster/segments").path("segments")) {
          if (one.path("id").asInt() == segment) {
            return one.path("owners").path(0).asText();
          }
        }
      }
    }
    return "unknown";
  }

  private NodeClient client(int node) {
    return nodes.get(node - 1);
  }

  private static void require(boolean holds, int status, byte[] body) {
    if (!holds) {
      throw new IllegalStateException(shown(status, body));
    }
  }

  private static String shown(int status, byte[] body) {
    String text = new String(body, UTF_8);
    return status + " " + text.substring(0, Math.min(text.length(), 300));
  }

  private static byte[] content(int size, long seed) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }
}
