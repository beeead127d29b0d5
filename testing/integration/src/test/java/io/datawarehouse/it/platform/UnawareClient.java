package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that is told nothing of what nodes do. It asks any of them, and the next one where
 * nobody listens or the answer says to come back later; a connection that ends without an answer is
 * a fault, as it cannot know what became of the request. Each has a connection of its own.
 * Thread-safe.
 */
final class UnawareClient implements AutoCloseable {

  private static final long PAUSE_MILLIS = 30;
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final byte[] PING =
      "{\"kind\": \"query\", \"payload\": {\"a\": 1}, \"timeoutMillis\": 20000}".getBytes(UTF_8);

  private final List<URI> nodes;
  private final String token;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger passedOn = new AtomicInteger();

  /** Begins at once. */
  UnawareClient(List<URI> nodes, String token) {
    this.nodes = List.copyOf(nodes);
    this.token = token;
    var unused = thread.scheduleWithFixedDelay(this::ask, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Returns what was not answered by anybody. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  int answered() {
    return answered.get();
  }

  /** Returns how often a node was not there, or said to come back later. */
  int passedOn() {
    return passedOn.get();
  }

  private void ask() {
    List<URI> order = new ArrayList<>(nodes);
    Collections.shuffle(order);
    List<String> said = new ArrayList<>();
    for (URI node : order) {
      try {
        int status = ping(node);
        if (status == 200) {
          answered.incrementAndGet();
          return;
        }
        said.add(node + ": " + status);
        if (status != 503) {
          break;
        }
        passedOn.incrementAndGet();
      } catch (ConnectException | ResetException e) {
        said.add(node + ": " + e);
        passedOn.incrementAndGet();
      } catch (IOException e) {
        said.add(node + ": " + e);
        break;
      }
    }
    faults.add(said.toString());
  }

  /**
   * The system resets connections that wait to be accepted when the port is closed: nobody has read
   * anything of them. Unlike the end of a connection that was accepted.
   */
  private static final class ResetException extends IOException {
    private static final long serialVersionUID = 1;

    ResetException(IOException cause) {
      super(cause);
    }
  }

  private int ping(URI node) throws IOException {
    try {
      return exchange(node);
    } catch (SocketException e) {
      throw String.valueOf(e.getMessage()).contains("reset") ? new ResetException(e) : e;
    }
  }

  private int exchange(URI node) throws IOException {
    URI path = node.resolve("/api/v1/messages/echo.ping");
    HttpURLConnection connection = (HttpURLConnection) path.toURL().openConnection();
    try {
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Authorization", "Bearer " + token);
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setRequestProperty("Connection", "close");
      connection.setDoOutput(true);
      // With a length that is told before, it sends nothing a second time by itself.
      connection.setFixedLengthStreamingMode(PING.length);
      try (OutputStream body = connection.getOutputStream()) {
        body.write(PING);
      }
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        faults.add("a request did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
