package io.datawarehouse.benchmarks.http;

import io.datawarehouse.benchmarks.http.Load.Work;
import io.datawarehouse.benchmarks.report.Rounds;
import io.datawarehouse.benchmarks.report.Subject;
import io.datawarehouse.benchmarks.server.ServerProcess;
import io.datawarehouse.benchmarks.server.Servers;
import io.datawarehouse.benchmarks.server.Wars;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * A node with durable writes against a bare JAX-RS resource on the same Payara Micro, which drops
 * what it gets and sends from memory, and against s3proxy on its file system. Every server is a
 * process of its own; this process makes the load.
 */
public final class HttpBenchmark {

  private static final int SMALL = 4 * 1024;
  private static final long LARGE = 64L << 20;
  private static final int MANY = 32;
  private static final int KEYS = 1_000;
  private static final double MEGABYTE = 1e6;
  private static final String PLAIN = "plain";
  private static final String DEFAULT = "encrypted";
  private static final byte[] NO_PIPELINE = "{\"pipeline\":[]}".getBytes(StandardCharsets.US_ASCII);

  private final String token;
  private final Path work;
  private final boolean withS3proxy;

  private HttpBenchmark(String token, Path work, boolean withS3proxy) {
    this.token = token;
    this.work = work;
    this.withS3proxy = withS3proxy;
  }

  /**
   * Runs it.
   *
   * @param arguments any of {@code put}, {@code get}, {@code large-put}, {@code large-get}; all
   *     where there is none
   */
  public static void main(String[] arguments) throws Exception {
    List<String> wanted =
        arguments.length == 0
            ? List.of("put", "get", "large-put", "large-get")
            : Arrays.asList(arguments);
    Path work = Servers.workDirectory("http");
    Path war = Wars.baseline(work);
    boolean small = wanted.contains("put") || wanted.contains("get");
    try (ServerProcess node = Servers.node(work);
        ServerProcess bare = Servers.payara(work, war)) {
      Servers.awaitNode(node, work);
      Servers.awaitPayara(bare, war);
      String token = Servers.token(work).orElseThrow();
      new HttpBenchmark(token, work, small).run(wanted);
    }
  }

  private void run(List<String> wanted) throws Exception {
    try (Connection admin = new Connection(Servers.NODE_PORT)) {
      // The same work for all: the others neither compress nor encrypt. The default beside it.
      admin.send(jsonHead("/api/v1/buckets/" + PLAIN, NO_PIPELINE.length), NO_PIPELINE);
      admin.exchange(nodeHead("PUT", "/api/v1/buckets/" + DEFAULT, 0), 0);
    }
    if (withS3proxy) {
      try (ServerProcess s3proxy = Servers.s3proxy(work);
          Connection admin = new Connection(Servers.S3PROXY_PORT)) {
        admin.exchange(head("PUT", "/bench", 0), 0);
        small(wanted);
        System.out.println("  (s3proxy was process " + s3proxy.pid() + ")");
      }
    }
    if (wanted.contains("large-put")) {
      largePut(1);
      largePut(2);
    }
    if (wanted.contains("large-get")) {
      largeGet(1);
      largeGet(2);
    }
  }

  private void small(List<String> wanted) throws Exception {
    Rounds.Plan plan = new Rounds.Plan(Duration.ofSeconds(20), Duration.ofSeconds(2), 5);
    if (wanted.contains("put")) {
      Map<String, Double> put =
          compare(
              "PUT of 4 KiB over 32 connections",
              false,
              plan,
              load("node, durable", Servers.NODE_PORT, MANY, nodePut(PLAIN, SMALL, false)),
              load("node, encrypted", Servers.NODE_PORT, MANY, nodePut(DEFAULT, SMALL, false)),
              load(
                  "bare resource, drops it",
                  Servers.BASELINE_PORT,
                  MANY,
                  barePut("sink", SMALL, false)),
              load("s3proxy", Servers.S3PROXY_PORT, MANY, s3Put()));
      ratio("PUT 4 KiB: node / bare resource", put, "bare resource, drops it", 0.5);
      ratio("PUT 4 KiB: node / s3proxy", put, "s3proxy", 1.0);
    }
    if (wanted.contains("get")) {
      prepare(load("node", Servers.NODE_PORT, 1, nodePut(PLAIN, SMALL, false)), KEYS);
      prepare(load("node", Servers.NODE_PORT, 1, nodePut(DEFAULT, SMALL, false)), KEYS);
      prepare(load("s3proxy", Servers.S3PROXY_PORT, 1, s3Put()), KEYS);
      Map<String, Double> get =
          compare(
              "GET of 4 KiB over 32 connections",
              false,
              plan,
              load("node, durable", Servers.NODE_PORT, MANY, nodeGet(PLAIN, SMALL, false)),
              load("node, encrypted", Servers.NODE_PORT, MANY, nodeGet(DEFAULT, SMALL, false)),
              load(
                  "bare resource, from memory",
                  Servers.BASELINE_PORT,
                  MANY,
                  new Work(
                      n -> head("GET", "/baseline/bare/small/k" + n % KEYS, 0), 0, SMALL, false)),
              load(
                  "s3proxy",
                  Servers.S3PROXY_PORT,
                  MANY,
                  new Work(n -> head("GET", "/bench/k" + n % KEYS, 0), 0, SMALL, false)));
      ratio("GET 4 KiB: node / bare resource", get, "bare resource, from memory", 0.8);
      ratio("GET 4 KiB: node / s3proxy", get, "s3proxy", 1.0);
    }
  }

  private void largePut(int connections) throws Exception {
    Map<String, Double> put =
        compare(
            "PUT of 64 MiB over " + connections + " connections",
            true,
            new Rounds.Plan(Duration.ofSeconds(4), Duration.ofSeconds(2), 5),
            load("node, durable", Servers.NODE_PORT, connections, nodePut(PLAIN, LARGE, true)),
            load("node, encrypted", Servers.NODE_PORT, connections, nodePut(DEFAULT, LARGE, true)),
            load(
                "bare resource, to /dev/null",
                Servers.BASELINE_PORT,
                connections,
                barePut("null", LARGE, true)),
            load(
                "bare resource, reads 64 KiB and drops it",
                Servers.BASELINE_PORT,
                connections,
                barePut("sink", LARGE, true)),
            new Disk("the disk alone, written and synced", work, LARGE));
    ratio("PUT 64 MiB: node / bare resource", put, "bare resource, to /dev/null", 0.6);
    ratio(
        "PUT 64 MiB: node / bare resource that only reads",
        put,
        "bare resource, reads 64 KiB and drops it",
        0.6);
    ratio("PUT 64 MiB: node / the disk alone", put, "the disk alone, written and synced", 0.6);
  }

  private void largeGet(int connections) throws Exception {
    prepare(load("node", Servers.NODE_PORT, 1, nodePut(PLAIN, LARGE, true)), 4);
    prepare(load("node", Servers.NODE_PORT, 1, nodePut(DEFAULT, LARGE, true)), 4);
    Map<String, Double> get =
        compare(
            "GET of 64 MiB over " + connections + " connections",
            true,
            new Rounds.Plan(Duration.ofSeconds(4), Duration.ofSeconds(2), 5),
            load("node, durable", Servers.NODE_PORT, connections, nodeGet(PLAIN, LARGE, true)),
            load("node, encrypted", Servers.NODE_PORT, connections, nodeGet(DEFAULT, LARGE, true)),
            load(
                "bare resource, from /dev/zero",
                Servers.BASELINE_PORT,
                connections,
                new Work(n -> head("GET", "/baseline/bare/zeros/" + LARGE, 0), 0, LARGE, true)));
    ratio("GET 64 MiB: node / bare resource", get, "bare resource, from /dev/zero", 0.6);
  }

  private Work nodePut(String bucket, long size, boolean bytes) {
    int keys = bytes ? 4 : KEYS;
    return new Work(
        n -> nodeHead("PUT", blobs(bucket) + key(n, keys, size), size), size, -1, bytes);
  }

  private Work nodeGet(String bucket, long size, boolean bytes) {
    int keys = bytes ? 4 : KEYS;
    return new Work(n -> nodeHead("GET", blobs(bucket) + key(n, keys, size), 0), 0, size, bytes);
  }

  private static Work barePut(String where, long size, boolean bytes) {
    return new Work(
        n -> head("PUT", "/baseline/bare/" + where + "/k" + n % KEYS, size), size, -1, bytes);
  }

  private static Work s3Put() {
    LongFunction<String> heads = n -> head("PUT", "/bench/k" + n % KEYS, SMALL);
    return new Work(heads, SMALL, -1, false);
  }

  private static String blobs(String bucket) {
    return "/api/v1/buckets/" + bucket + "/blobs/";
  }

  private static String key(long number, int keys, long size) {
    return "k" + number % keys + "-" + size;
  }

  private String jsonHead(String path, int length) {
    return "PUT "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        + token
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private String nodeHead(String method, String path, long length) {
    return request(method, path, length, "Authorization: Bearer " + token + "\r\n");
  }

  private static String head(String method, String path, long length) {
    return request(method, path, length, "");
  }

  private static String request(String method, String path, long length, String more) {
    String body =
        method.equals("PUT")
            ? "Content-Type: application/octet-stream\r\nContent-Length: " + length + "\r\n"
            : "";
    return method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more + body + "\r\n";
  }

  private static Load load(String name, int port, int connections, Work work) {
    return new Load(name, port, connections, work);
  }

  private static void prepare(Load load, long count) throws Exception {
    try (load) {
      load.prepare(count);
    }
  }

  private static Map<String, Double> compare(
      String title, boolean bytes, Rounds.Plan plan, Subject... subjects) throws Exception {
    List<Subject> all = List.of(subjects);
    try {
      return new Rounds(System.out, title, bytes ? "MB/s" : "req/s", bytes ? MEGABYTE : 1)
          .compare(plan, all, HttpBenchmark::writeBack);
    } finally {
      for (Subject subject : all) {
        close(subject);
      }
    }
  }

  /**
   * Nobody pays for what another left unwritten: s3proxy does not sync, and the file system is one.
   */
  private static void writeBack() throws Exception {
    new ProcessBuilder("sync").start().waitFor();
  }

  private static void close(Subject subject) throws Exception {
    if (subject instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  private static void ratio(String what, Map<String, Double> medians, String other, double goal) {
    Rounds.ratio(System.out, what, medians.get("node, durable") / medians.get(other), goal);
  }
}
