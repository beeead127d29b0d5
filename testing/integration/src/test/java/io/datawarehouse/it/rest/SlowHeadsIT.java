package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that sends the head of its request drop by drop holds no connection for long. */
@ExtendWith(RestNode.class)
class SlowHeadsIT {

  private static final Duration DROP = Duration.ofMillis(200);

  /** Far more than the limit, and far less than it takes to send all the drops. */
  private static final Duration LATEST = RestNode.HEAD_TIMEOUT.multipliedBy(6);

  private static final String WHOLE = "GET /health/live HTTP/1.1\r\nHost: node\r\n\r\n";

  private final Client node;

  SlowHeadsIT(Client node) {
    this.node = node;
  }

  @Test
  void closesAConnectionWhoseFirstHeadDripsIn() throws IOException {
    try (Socket socket = open()) {
      assertClosedWhileDripping(socket);
    }
  }

  @Test
  void closesAConnectionWhoseSecondHeadDripsIn() throws IOException {
    try (Socket socket = open()) {
      assertAnswered(socket);
      assertClosedWhileDripping(socket);
    }
  }

  @Test
  void leavesAConnectionAloneThatIsIdleBetweenRequests() throws IOException {
    try (Socket socket = open()) {
      assertAnswered(socket);
      socket.setSoTimeout((int) RestNode.HEAD_TIMEOUT.plusSeconds(2).toMillis());
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      assertAnswered(socket);
    }
  }

  @Test
  void countsWhatItCloses() throws IOException {
    double before = closed();
    closesAConnectionWhoseFirstHeadDripsIn();
    assertThat(closed()).isGreaterThan(before);
  }

  private double closed() throws IOException {
    return node.get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("dw_http_slow_heads_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private Socket open() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port());
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void assertAnswered(Socket socket) throws IOException {
    socket.setSoTimeout(60_000);
    socket.getOutputStream().write(WHOLE.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Answer.read(socket.getInputStream(), false).status()).isEqualTo(200);
  }

  /** Sends a header after the other, a byte at a time; waiting for an answer is the pause. */
  private static void assertClosedWhileDripping(Socket socket) throws IOException {
    socket.setSoTimeout((int) DROP.toMillis());
    long begin = System.nanoTime();
    byte[] drops = "GET /health/live HTTP/1.1\r\nX-Drop: ".getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; System.nanoTime() - begin < LATEST.toNanos(); i++) {
      try {
        socket.getOutputStream().write(i < drops.length ? drops[i] : 'x');
        if (socket.getInputStream().read() < 0) {
          return;
        }
        throw new AssertionError("half a head was answered");
      } catch (SocketTimeoutException e) {
        // Still open: the next drop.
      } catch (SocketException e) {
        return; // Closed over a drop that was not read.
      }
    }
    throw new AssertionError("still open after " + LATEST);
  }
}
