package io.datawarehouse.web.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.http.ConnectionSwitch;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a listener whose server answers 404 of its own, as for an application that is not there. */
class CheckedHandlerTest {

  private static final String LARGE = "/large";
  private static final byte[] PIECE = new byte[128 * 1024];
  private static final long PIECES = 256;

  private final BlockingQueue<ConnectionSwitch> connections = new LinkedBlockingQueue<>();
  private final BlockingQueue<Long> waits = new LinkedBlockingQueue<>();
  private final AtomicReference<Optional<String>> closed =
      new AtomicReference<>(Optional.of("the node is starting"));
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpServer server = new HttpServer();
  private NetworkListener listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new NetworkListener("test", InetAddress.getLoopbackAddress().getHostAddress(), 0);
    server.addListener(listener);
    HttpHandler next =
        new HttpHandler() {
          @Override
          public void service(Request request, Response response) throws IOException {
            if (request.getRequestURI().equals(LARGE)) {
              sendLarge(request, response);
            } else {
              response.setStatus(404);
            }
          }
        };
    server
        .getServerConfiguration()
        .addHttpHandler(
            new CheckedHandler(
                next,
                new CheckedHandler.Application(
                    (path, e) -> Problems.problem("", path, TraceContext.start(), e),
                    closed::get,
                    () -> null,
                    CheckedHandlerTest.class.getClassLoader())));
    server.start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void anApplicationThatIsNotThereYetAsksToTryAgain() throws Exception {
    HttpResponse<String> answer = get("/api/v1/buckets");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/problem+json");
    assertThat(answer.body()).contains("\"UNAVAILABLE\"", "the node is starting");
  }

  @Test
  void whoExpectsToBeAskedForAnUploadIsRefusedAndNotAsked() throws Exception {
    try (Socket socket = new Socket(listener.getHost(), listener.getPort())) {
      socket.setSoTimeout(30_000);
      String head =
          "PUT /api/v1/buckets/films/blobs/film HTTP/1.1\r\nHost: test\r\n"
              + "Content-Length: 10000000\r\nExpect: 100-continue\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));

      byte[] answer = socket.getInputStream().readAllBytes();

      assertThat(new String(answer, StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 503 ")
          .containsIgnoringCase("Retry-After: 1")
          .contains("the node is starting");
    }
  }

  @Test
  void whatIsTheServersOwnIsAnsweredByIt() throws Exception {
    assertThat(get("/health/ready").statusCode()).isEqualTo(404);
    assertThat(get("/api/v1x").statusCode()).isEqualTo(404);
  }

  @Test
  void anApplicationThatIsThereGetsItsRequestsUntilItGoes() throws Exception {
    closed.set(Optional.empty());
    assertThat(get("/api/v1/buckets").statusCode()).isEqualTo(404);
    assertThat(get("/api/v1/buckets/..").statusCode()).isEqualTo(400);

    closed.set(Optional.of("the node is stopping"));
    assertThat(get("/api/v1/buckets").statusCode()).isEqualTo(503);
  }

  @Test
  void aContentWaitsForAClientLongerThanTheServerWould() throws Exception {
    listener.getTransport().setWriteTimeout(1, TimeUnit.MILLISECONDS);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.setSoTimeout(30_000);
      socket.connect(new InetSocketAddress(listener.getHost(), listener.getPort()));
      String head = "GET " + LARGE + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      ConnectionSwitch connection = connections.poll(30, TimeUnit.SECONDS);
      Awaitility.await().until(() -> connection.unsent() > 100_000);

      long got = socket.getInputStream().transferTo(OutputStream.nullOutputStream());

      assertThat(got).isGreaterThan(PIECE.length * PIECES);
      assertThat(connection.unsent()).isZero();
      assertThat(waits.poll(30, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  private void sendLarge(Request request, Response response) throws IOException {
    ConnectionSwitch connection =
        (ConnectionSwitch) request.getAttribute(ConnectionSwitch.ATTRIBUTE);
    response.setContentLengthLong(PIECE.length * PIECES);
    connection.allowWait(Duration.ofHours(1));
    connections.add(connection);
    for (int i = 0; i < PIECES; i++) {
      response.getOutputStream().write(PIECE);
    }
    connection.allowUsualWait();
    waits.add(request.getContext().getConnection().getWriteTimeout(TimeUnit.MILLISECONDS));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://" + listener.getHost() + ":" + listener.getPort() + path))
        .timeout(Duration.ofSeconds(30));
  }
}
