package io.datawarehouse.it.platform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Speaks HTTP with one node, as its administrator. */
public final class NodeClient {

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final URI base;
  private final Path dataDirectory;

  /** A client for the node with that address and that data directory, which holds the token. */
  public NodeClient(URI base, Path dataDirectory) {
    this.base = base;
    this.dataDirectory = dataDirectory;
  }

  URI base() {
    return base;
  }

  /** GET without a token. */
  public HttpResponse<String> getOpenly(String path) {
    return send(HttpRequest.newBuilder(base.resolve(path)), BodyHandlers.ofString());
  }

  /** GET with the administrator's token. */
  public HttpResponse<byte[]> get(String path) {
    return send(authorized(path), BodyHandlers.ofByteArray());
  }

  /** GET with the administrator's token; the caller reads the body, and closes it. */
  public HttpResponse<InputStream> open(String path) {
    return send(authorized(path), BodyHandlers.ofInputStream());
  }

  /** GET with the administrator's token, the answer read as JSON. */
  public JsonNode getJson(String path) {
    return parse(get(path));
  }

  /** GET with that token; returns the status. */
  int statusFor(String path, String token) {
    return send(
            HttpRequest.newBuilder(base.resolve(path)).header("Authorization", "Bearer " + token),
            BodyHandlers.discarding())
        .statusCode();
  }

  /** PUT with the administrator's token. */
  public HttpResponse<byte[]> put(String path, byte[] body) {
    return send(authorized(path).PUT(BodyPublishers.ofByteArray(body)), BodyHandlers.ofByteArray());
  }

  /** POST of JSON with the administrator's token. */
  public HttpResponse<byte[]> postJson(String path, String body) {
    return send(
        authorized(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)),
        BodyHandlers.ofByteArray());
  }

  /** DELETE with the administrator's token. */
  public HttpResponse<byte[]> delete(String path) {
    return send(authorized(path).DELETE(), BodyHandlers.ofByteArray());
  }

  /** Sends a request byte for byte, without a body, and returns all that comes back. */
  public String raw(String requestLine, String... headers) {
    StringBuilder request = new StringBuilder(requestLine).append("\r\nHost: node\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    request.append("Authorization: Bearer ").append(token());
    request.append("\r\nConnection: close\r\n\r\n");
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout((int) REQUEST_TIMEOUT.toMillis());
      socket.getOutputStream().write(request.toString().getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a body as JSON. */
  public static JsonNode parse(HttpResponse<byte[]> response) {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest.Builder authorized(String path) {
    return HttpRequest.newBuilder(base.resolve(path)).header("Authorization", "Bearer " + token());
  }

  String token() {
    try {
      return Files.readString(dataDirectory.resolve("secrets").resolve("admin.token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> bodyHandler) {
    try {
      return http.send(request.timeout(REQUEST_TIMEOUT).build(), bodyHandler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
