package io.datawarehouse.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Kills a whole node (SIGKILL) in the middle of concurrent writes over HTTP, twenty times on one
 * data directory, and after each start checks what it acknowledged before.
 *
 * <p>Every key has one writer, so what may stand under a key after a kill is known: the last
 * version that was acknowledged, or one that was sent after it and whose answer never came.
 */
class NodeCrashIT {

  private static final int ROUNDS = 20;
  private static final int WRITERS = 8;
  private static final int KEYS_PER_WRITER = 6;
  private static final int LARGEST = 2 * 1024 * 1024;
  private static final int INLINE = 48 * 1024;
  private static final String GONE = "gone";
  private static final String BUCKET = "/api/v1/buckets/crash";

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final Path data = Places.work("crash");
  private final Map<String, Expectation> ledger = new HashMap<>();

  /** What may stand under one key. Confined to the key's writer while it writes. */
  private static final class Expectation {
    private String acknowledged = GONE;
    private final Set<String> unanswered = new HashSet<>();

    void sent(String version) {
      unanswered.add(version);
    }

    void acknowledged(String version) {
      acknowledged = version;
      unanswered.clear();
    }

    boolean allows(String version) {
      return acknowledged.equals(version) || unanswered.contains(version);
    }

    @Override
    public String toString() {
      return acknowledged + ", or unanswered " + unanswered;
    }
  }

  @Test
  void acknowledgedBlobsSurviveTwentyKillsAndNothingPartialIsShown() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Trees.delete(data);
    int acknowledged = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      try (NodeProcess node = NodeProcess.start(data, "-Xmx256m")) {
        if (round == 1) {
          assertThat(send(request(node, BUCKET).PUT(BodyPublishers.noBody())).statusCode())
              .isEqualTo(201);
        } else {
          check(node, "round " + round + ", seed " + seed);
        }
        acknowledged += writeUntilKilled(node, 20 + random.nextInt(150), random.nextLong());
      }
    }
    try (NodeProcess node = NodeProcess.start(data, "-Xmx256m")) {
      check(node, "after the last round, seed " + seed);
    }
    assertThat(acknowledged).as("writes that were acknowledged").isGreaterThan(ROUNDS * 20);
  }

  private int writeUntilKilled(NodeProcess node, int enough, long seed) throws Exception {
    CountDownLatch remaining = new CountDownLatch(enough);
    AtomicBoolean killed = new AtomicBoolean();
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        Random random = new Random(seed + writer);
        for (int key = 0; key < KEYS_PER_WRITER; key++) {
          ledger.computeIfAbsent(key(number, key), name -> new Expectation());
        }
        running.add(writers.submit(() -> write(node, number, random, remaining, killed)));
      }
      assertThat(remaining.await(60, TimeUnit.SECONDS)).as("enough writes in time").isTrue();
      killed.set(true);
      node.kill();
      int acknowledged = 0;
      for (Future<Integer> writer : running) {
        acknowledged += writer.get(60, TimeUnit.SECONDS);
      }
      return acknowledged;
    } finally {
      writers.shutdownNow();
    }
  }

  private int write(
      NodeProcess node, int writer, Random random, CountDownLatch remaining, AtomicBoolean killed)
      throws InterruptedException {
    int acknowledged = 0;
    while (true) {
      String key = key(writer, random.nextInt(KEYS_PER_WRITER));
      Expectation expectation = ledger.get(key);
      boolean delete = random.nextInt(8) == 0;
      byte[] body = new byte[random.nextInt(random.nextBoolean() ? INLINE : LARGEST)];
      random.nextBytes(body);
      String version = delete ? GONE : digest(body);
      expectation.sent(version);
      HttpRequest.Builder request = request(node, BUCKET + "/blobs/" + key);
      try {
        int status =
            http.send(
                    (delete ? request.DELETE() : request.PUT(BodyPublishers.ofByteArray(body)))
                        .build(),
                    BodyHandlers.ofByteArray())
                .statusCode();
        assertThat(status).as("answer for %s", key).isIn(200, 201, 204, 404);
      } catch (IOException e) {
        if (killed.get()) {
          return acknowledged;
        }
        throw new UncheckedIOException("before the node was killed", e);
      }
      expectation.acknowledged(version);
      acknowledged++;
      remaining.countDown();
    }
  }

  private void check(NodeProcess node, String when) throws Exception {
    Set<String> listed = list(node);
    for (Map.Entry<String, Expectation> entry : ledger.entrySet()) {
      String key = entry.getKey();
      Expectation expectation = entry.getValue();
      HttpResponse<byte[]> answer = send(request(node, BUCKET + "/blobs/" + key));
      assertThat(answer.statusCode()).as("GET %s, %s", key, when).isIn(200, 404);
      String found = answer.statusCode() == 404 ? GONE : digest(answer.body());
      assertThat(expectation.allows(found))
          .as("%s holds %s but should hold %s, %s", key, found, expectation, when)
          .isTrue();
      assertThat(listed.contains(key))
          .as("%s is listed, %s", key, when)
          .isEqualTo(!found.equals(GONE));
      if (!found.equals(GONE)) {
        assertThat(answer.headers().firstValue("ETag")).contains("\"" + found + "\"");
      }
      expectation.acknowledged(found);
    }
    assertThat(ledger.keySet()).as("nothing else is listed, %s", when).containsAll(listed);
  }

  private Set<String> list(NodeProcess node) throws Exception {
    HttpResponse<byte[]> answer = send(request(node, BUCKET + "/blobs?limit=1000"));
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode page = new ObjectMapper().readTree(answer.body());
    Set<String> keys = new HashSet<>();
    page.get("blobs").forEach(blob -> keys.add(blob.get("key").asText()));
    return keys;
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpRequest.Builder request(NodeProcess node, String path) {
    return HttpRequest.newBuilder(URI.create(node.base() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + token());
  }

  private String token() {
    try {
      return Files.readString(data.resolve("secrets").resolve("admin.token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(int writer, int number) {
    return "writer-" + writer + "/key-" + number;
  }

  private static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
