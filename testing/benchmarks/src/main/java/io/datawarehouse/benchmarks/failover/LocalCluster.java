package io.datawarehouse.benchmarks.failover;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Three nodes on this machine, started and stopped with {@code bin/dw}. Confined to one thread but
 * for what makes requests.
 */
final class LocalCluster implements AutoCloseable {

  static final int NODES = 3;

  private static final int PORT = 18320;
  private static final Path ROOT =
      Path.of(System.getProperty("benchmarks.root", ".")).toAbsolutePath();
  private static final Duration START_LIMIT = Duration.ofMinutes(8);
  private static final Duration WHOLE_LIMIT = Duration.ofMinutes(3);
  private static final Pattern ACTIVE = Pattern.compile("\"state\" ?: ?\"ACTIVE\"");
  private static final Pattern WELL = Pattern.compile("\"health\" ?: ?\"(HEALTHY|DEGRADED)\"");

  private final Path work;
  private final Path data;
  private final HttpClient http;

  /** Starts the nodes and waits until each of them sees all others well. */
  LocalCluster(Path work, HttpClient http) throws IOException, InterruptedException {
    this.work = work;
    this.data = work.resolve("cluster");
    this.http = http;
    dw(
        "run",
        "--nodes",
        "3",
        "--port",
        Integer.toString(PORT),
        "--data",
        data.toString(),
        "--detach");
    awaitWhole();
  }

  private void dw(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("bin/dw").toString()));
    command.addAll(List.of(arguments));
    Path log = work.resolve("dw.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder
        .environment()
        .put(
            "DW_JAR",
            ROOT.resolve("server-config/micro/target/node/datawarehouse-node.jar").toString());
    builder.environment().putIfAbsent("DW_START_TIMEOUT", "400");
    Process process = builder.start();
    if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException("dw " + List.of(arguments) + " failed; see " + log);
    }
  }

  /** Waits until every node sees all three well, and can tell who owns what. */
  void awaitWhole() throws InterruptedException {
    long begin = System.nanoTime();
    while (!whole()) {
      if (System.nanoTime() - begin > WHOLE_LIMIT.toNanos()) {
        throw new IllegalStateException("the cluster does not become whole; see " + data);
      }
      Thread.sleep(200);
    }
  }

  private boolean whole() throws InterruptedException {
    for (int node = 1; node <= NODES; node++) {
      String cluster;
      try {
        cluster =
            http.send(request(node, "/api/v1/cluster").GET().build(), BodyHandlers.ofString())
                .body();
      } catch (IOException e) {
        // It does not listen yet, or not any more.
        return false;
      }
      if (ACTIVE.matcher(cluster).results().count() != NODES
          || WELL.matcher(cluster).results().count() != NODES) {
        return false;
      }
    }
    return true;
  }

  /** Begins a request to a node, as its administrator. */
  HttpRequest.Builder request(int node, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (PORT + node - 1) + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + token());
  }

  private String token() {
    try {
      return Files.readString(data.resolve("secrets/admin.token")).strip();
    } catch (IOException e) {
      throw new IllegalStateException("no token", e);
    }
  }

  /** Sends a signal to a node's process; returns when it was sent. */
  long signal(String signal, int node) throws IOException, InterruptedException {
    String pid = Files.readString(data.resolve("node-" + node).resolve("node.pid")).strip();
    Process kill = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IllegalStateException("node " + node + " got no signal");
    }
    return System.nanoTime();
  }

  /** Starts a node again that was killed. */
  void start(int node) throws IOException, InterruptedException {
    dw("node", "start", Integer.toString(node), "--data", data.toString());
    awaitWhole();
  }

  @Override
  public void close() {
    try {
      dw("stop", "--data", data.toString());
    } catch (IOException e) {
      throw new IllegalStateException("the nodes cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
