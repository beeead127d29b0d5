package io.datawarehouse.it.rest;

import io.datawarehouse.it.crash.NodeProcess;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.platform.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One node for all tests of this package, with little memory and little patience. */
final class RestNode implements ParameterResolver {

  /** How long the node waits for a byte of a body. */
  static final Duration STALL_TIMEOUT = Duration.ofSeconds(2);

  /** How long the node waits for the head of a request. */
  static final Duration HEAD_TIMEOUT = Duration.ofSeconds(5);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Client.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(RestNode.class))
        .getOrComputeIfAbsent("node", key -> new Running(), Running.class)
        .client;
  }

  private static final class Running implements AutoCloseable {

    private final Path data = Places.work("rest");
    private final NodeProcess process;
    private final Client client;

    Running() {
      Trees.delete(data);
      process =
          NodeProcess.startForLong(
              data,
              "-Xmx256m",
              "-Ddw.http.stall.timeout=" + STALL_TIMEOUT.toMillis() + "ms",
              "-Ddw.http.head.timeout=" + HEAD_TIMEOUT.toMillis() + "ms",
              "-Ddw.bus.timeout=20s");
      client = new Client(process.base(), data);
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /** A client of the node. */
  static final class Client {

    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private final URI base;
    private final Path data;
    private @Nullable ApiDescription description;

    Client(URI base, Path data) {
      this.base = base;
      this.data = data;
    }

    int port() {
      return base.getPort();
    }

    Path data() {
      return data;
    }

    /** Makes a bucket that nobody else uses and returns its path. */
    String newBucket() throws IOException {
      String path = "/api/v1/buckets/rest-" + BUCKETS.incrementAndGet();
      Answer made = send("PUT", path, new byte[0]);
      if (made.status() != 201) {
        throw new AssertionError(made.toString());
      }
      return path;
    }

    String token(String role) throws IOException {
      return Files.readString(data.resolve("secrets").resolve(role + ".token")).strip();
    }

    Answer get(String path, String... headers) throws IOException {
      return send("GET", path, null, headers);
    }

    Answer delete(String path, String... headers) throws IOException {
      return send("DELETE", path, null, headers);
    }

    Answer put(String path, String body, String... headers) throws IOException {
      return send("PUT", path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    Answer post(String path, String body, String... headers) throws IOException {
      return send("POST", path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Sends a request as administrator on a connection of its own. */
    Answer send(String method, String path, byte @Nullable [] body, String... headers)
        throws IOException {
      return sendAs(token("admin"), method, path, body, headers);
    }

    /** Sends a request with a token, or without where it is empty. */
    Answer sendAs(
        String token, String method, String path, byte @Nullable [] body, String... headers)
        throws IOException {
      try (Wire wire = new Wire(port())) {
        wire.send(head(token, method, path, body == null ? -1 : body.length, headers));
        if (body != null) {
          wire.sendUnlessRefused(body);
        }
        Answer answer = Answer.read(wire.in(), method.equals("HEAD"));
        description().requireNamed(method, path, answer.status());
        return answer;
      }
    }

    /** Every answer is held against what the node says of its API. */
    private synchronized ApiDescription description() throws IOException {
      ApiDescription known = description;
      if (known == null) {
        try (Wire wire = new Wire(port())) {
          wire.send(head("", "GET", "/openapi", -1, "Accept: application/json"));
          known = ApiDescription.of(wire.read().json());
        }
        description = known;
      }
      return known;
    }

    /** Returns the head of a request of the administrator. */
    String head(String method, String path, long length, String... headers) throws IOException {
      return head(token("admin"), method, path, length, headers);
    }

    private static String head(
        String token, String method, String path, long length, String... headers) {
      StringBuilder head =
          new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: node\r\n");
      if (!token.isEmpty()) {
        head.append("Authorization: Bearer ").append(token).append("\r\n");
      }
      if (length >= 0) {
        head.append("Content-Length: ").append(length).append("\r\n");
      }
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      return head.append("\r\n").toString();
    }
  }
}
