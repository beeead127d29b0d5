package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
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
 * A client that is told nothing of what nodes do. It sends queries, queries with a key and commands
 * in turn, one at a time, to any of the nodes, and to the next one where nobody takes the
 * connection or the answer says to come back later. Whatever else comes of a request that was sent
 * is a fault: a connection that ends without an answer says nothing of what became of the command.
 * Thread-safe.
 */
final class UnawareClient implements AutoCloseable {

  private static final long PAUSE_MILLIS = 30;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int KEYS = 50;
  private static final int KINDS = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<URI> nodes;
  private final Connections connections;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger passedOn = new AtomicInteger();
  private int turn;

  private UnawareClient(List<URI> nodes, Connections connections) {
    this.nodes = List.copyOf(nodes);
    this.connections = connections;
    var unused = thread.scheduleWithFixedDelay(this::ask, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Begins at once, with a connection for each request. */
  static UnawareClient withFreshConnections(List<URI> nodes, String token) {
    return new UnawareClient(nodes, new FreshConnections(token));
  }

  /** Begins at once, with connections that it keeps until an answer says that it is the last. */
  static UnawareClient withKeptConnections(List<URI> nodes, String token) {
    return new UnawareClient(nodes, new KeptConnections(token));
  }

  /** Returns what was not answered by anybody, or not rightly. */
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
    turn++;
    List<URI> order = new ArrayList<>(nodes);
    Collections.shuffle(order);
    List<String> said = new ArrayList<>();
    for (URI node : order) {
      try {
        Answer answer = connections.send(node.resolve("/api/v1/messages/echo.ping"), message());
        if (answer.status == 200 && answer.turn() == turn) {
          answered.incrementAndGet();
          return;
        }
        said.add(node + ": " + answer.status + " " + new String(answer.body, UTF_8));
        if (answer.status != 503) {
          break;
        }
        passedOn.incrementAndGet();
      } catch (ConnectException e) {
        said.add(node + ": " + e);
        passedOn.incrementAndGet();
      } catch (IOException e) {
        said.add(node + ": " + e);
        break;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        said.add(node + ": interrupted");
        break;
      }
    }
    faults.add("turn " + turn + ", " + connections + ": " + said);
  }

  private byte[] message() {
    String kind = turn % KINDS == 0 ? "command" : "query";
    String key = turn % KINDS == 1 ? "\"affinityKey\": \"key-" + turn % KEYS + "\", " : "";
    return ("{\"kind\": \"%s\", %s\"payload\": {\"turn\": %d}, \"timeoutMillis\": 20000}"
            .formatted(kind, key, turn))
        .getBytes(UTF_8);
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        faults.add("a request did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a node said. */
  private record Answer(int status, byte[] body) {

    /** Which message it answers. */
    int turn() throws IOException {
      return JSON.readTree(body).at("/payload/turn").asInt();
    }
  }

  /** How a message gets to a node; a {@code ConnectException} says that it did not. */
  private interface Connections {

    Answer send(URI to, byte[] message) throws IOException, InterruptedException;
  }

  /** Each ends with its answer. */
  private record FreshConnections(String token) implements Connections {

    @Override
    public Answer send(URI to, byte[] message) throws IOException {
      HttpURLConnection connection = (HttpURLConnection) to.toURL().openConnection();
      try {
        connection.setConnectTimeout((int) TIMEOUT.toMillis());
        connection.setReadTimeout((int) TIMEOUT.toMillis());
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("Connection", "close");
        connection.setDoOutput(true);
        // With a length that is told before, it sends nothing a second time by itself.
        connection.setFixedLengthStreamingMode(message.length);
        try (OutputStream body = connection.getOutputStream()) {
          body.write(message);
        }
        int status = connection.getResponseCode();
        try (InputStream body =
            status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
          return new Answer(status, body == null ? new byte[0] : body.readAllBytes());
        }
      } finally {
        connection.disconnect();
      }
    }

    @Override
    public String toString() {
      return "fresh connections";
    }
  }

  /** One to each node, for as long as its answers let it be. */
  private static final class KeptConnections implements Connections {

    private final HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final String token;

    KeptConnections(String token) {
      this.token = token;
    }

    @Override
    public Answer send(URI to, byte[] message) throws IOException, InterruptedException {
      // It sends no POST a second time by itself.
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(to)
                  .timeout(TIMEOUT)
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(message))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(answer.statusCode(), answer.body());
    }

    @Override
    public String toString() {
      return "kept connections";
    }
  }
}
