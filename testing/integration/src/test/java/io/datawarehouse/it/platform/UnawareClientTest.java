package io.datawarehouse.it.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the client takes for a fault, on which the tests of restarts rely. */
class UnawareClientTest {

  static Stream<Function<URI, UnawareClient>> clients() {
    return Stream.of(
        node -> UnawareClient.withFreshConnections(List.of(node), "token"),
        node -> UnawareClient.withKeptConnections(List.of(node), "token"));
  }

  @ParameterizedTest
  @MethodSource("clients")
  void connectionThatIsResetAfterTheRequestWasSentIsAFault(Function<URI, UnawareClient> client)
      throws IOException {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> resets = CompletableFuture.runAsync(() -> resetAll(server));
      URI node = URI.create("http://127.0.0.1:" + server.getLocalPort());
      try (UnawareClient unaware = client.apply(node)) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !unaware.faults().isEmpty() || resets.isDone());
        assertThat(unaware.faults()).first().asString().contains("Exception");
        assertThat(unaware.passedOn()).isZero();
        assertThat(unaware.answered()).isZero();
      }
    }
  }

  /** Ends each connection without an answer once something of the request was read. */
  private static void resetAll(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket connection = server.accept()) {
        assertThat(connection.getInputStream().read()).isEqualTo('P');
        connection.setSoLinger(true, 0);
      } catch (IOException e) {
        return;
      }
    }
  }
}
