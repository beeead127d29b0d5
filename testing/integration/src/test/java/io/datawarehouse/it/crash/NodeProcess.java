package io.datawarehouse.it.crash;

import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.QuickStarts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import org.awaitility.Awaitility;

/** A node in a process of its own. */
public final class NodeProcess implements AutoCloseable {

  /** A node that is there for a few requests starts in half the time with these. */
  private static final List<String> SHORT_LIVED =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final Duration LONGEST_START = Duration.ofMinutes(5);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(40);

  private final Process process;
  private final URI base;

  private NodeProcess(Process process, URI base) {
    this.process = process;
    this.base = base;
  }

  /**
   * Starts a node that is there for a few requests and waits until it is ready. It starts from the
   * jar with its libraries beside it, as {@code bin/dw} does.
   *
   * @param data its data directory
   * @param javaOptions options of its virtual machine, for example {@code -Xmx256m}
   */
  public static NodeProcess start(Path data, String... javaOptions) {
    return start(
        Places.nodeJar(), data, List.of(SHORT_LIVED, QuickStarts.options(), List.of(javaOptions)));
  }

  /** As {@link #start}, for a node that has much to do and must compile it well. */
  public static NodeProcess startForLong(Path data, String... javaOptions) {
    return start(Places.nodeJar(), data, List.of(QuickStarts.options(), List.of(javaOptions)));
  }

  /**
   * Starts the runnable jar, which takes longer, and waits until the node is ready.
   *
   * @param serverOptions further options of Payara Micro, behind the jar
   */
  public static NodeProcess startRunnableJar(
      Path data, List<String> javaOptions, List<String> serverOptions) {
    NodeProcess node =
        begin(Places.microJar(), data, List.of(SHORT_LIVED, javaOptions), serverOptions);
    node.awaitReady();
    return node;
  }

  /** As {@link #start}, without waiting: what a node is like while it starts. */
  public static NodeProcess begin(Path data, String... javaOptions) {
    return begin(
        Places.nodeJar(), data, List.of(SHORT_LIVED, QuickStarts.options(), List.of(javaOptions)));
  }

  private static NodeProcess start(Path jar, Path data, List<List<String>> javaOptions) {
    NodeProcess node = begin(jar, data, javaOptions);
    node.awaitReady();
    return node;
  }

  private static NodeProcess begin(Path jar, Path data, List<List<String>> javaOptions) {
    return begin(jar, data, javaOptions, List.of());
  }

  private static NodeProcess begin(
      Path jar, Path data, List<List<String>> javaOptions, List<String> serverOptions) {
    int port = freePort();
    URI base = URI.create("http://127.0.0.1:" + port);
    try {
      Files.createDirectories(data.resolve("logs"));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      javaOptions.forEach(command::addAll);
      command.add("-Ddw.data.dir=" + data);
      command.add("-Ddw.log.dir=" + data.resolve("logs"));
      command.add("-Ddw.port=" + port);
      command.add("-jar");
      command.add(jar.toString());
      command.addAll(serverOptions);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(data.resolve("logs").resolve("console.log").toFile())
              .start();
      return new NodeProcess(process, base);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns where it listens. */
  public URI base() {
    return base;
  }

  /** Returns the operating system's number of the process. */
  public long pid() {
    return process.pid();
  }

  /** Returns whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the process at once, without any chance to clean up (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Asks the process to end (SIGTERM) and waits; returns its exit code. */
  public int stop() {
    process.destroy();
    awaitEnd();
    return process.exitValue();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("process " + process.pid() + " did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void awaitReady() {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest probe =
        HttpRequest.newBuilder(base.resolve("/health/ready"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      Awaitility.await("node on " + base + " is ready")
          .atMost(LONGEST_START)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                if (!process.isAlive()) {
                  throw new IllegalStateException("the node ended while it was starting");
                }
                try {
                  return http.send(probe, BodyHandlers.discarding()).statusCode() == 200;
                } catch (IOException e) {
                  return false; // Not listening yet.
                }
              });
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
