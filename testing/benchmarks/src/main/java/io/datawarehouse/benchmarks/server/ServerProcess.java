package io.datawarehouse.benchmarks.server;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A server in a process of its own, stopped when this is closed. Confined to one thread. */
public final class ServerProcess implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(20);

  private final String name;
  private final Path log;
  private final Process process;
  private final long started = System.nanoTime();

  /** Starts a process with its output in a log file. */
  public ServerProcess(String name, Path directory, List<String> command) throws IOException {
    this.name = name;
    Files.createDirectories(directory);
    this.log = directory.resolve(name + ".log");
    this.process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    // No server outlives the benchmark, however that ends.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** Returns the java command of the JVM that runs this. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Waits until a GET is answered with 200.
   *
   * @param headers asked for at every attempt; empty where they cannot be known yet
   * @return the time since the start
   */
  public Duration awaitOk(URI uri, Supplier<Optional<Map<String, String>>> headers)
      throws InterruptedException {
    while (System.nanoTime() - started < LIMIT.toNanos()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(name + " ended; see " + log);
      }
      Optional<Map<String, String>> known = headers.get();
      if (known.isPresent() && answers(uri, known.get())) {
        return Duration.ofNanos(System.nanoTime() - started);
      }
      Thread.sleep(POLL.toMillis());
    }
    throw new IllegalStateException(name + " is not ready after " + LIMIT + "; see " + log);
  }

  private static boolean answers(URI uri, Map<String, String> headers) {
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(10_000);
      headers.forEach(connection::setRequestProperty);
      boolean ok = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      connection.disconnect();
      return ok;
    } catch (IOException e) {
      // Not listening yet.
      return false;
    }
  }

  /** Returns the process's id. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes a directory with all that is in it. */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
