package io.datawarehouse.testkit.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.testkit.network.NetworkEmulator.Conditions;
import io.datawarehouse.testkit.network.NetworkEmulator.Line;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What lines do to connections. */
@Timeout(60)
class NetworkEmulatorTest {

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private ServerSocket echo;
  private Line line;

  @BeforeEach
  void openEcho() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    line = network.line("127.0.0.1", echo.getLocalPort());
    executor.execute(this::acceptAll);
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = echo.accept();
        executor.execute(() -> echo(socket));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // It was broken.
    }
  }

  @AfterEach
  void close() throws IOException {
    network.close();
    echo.close();
    executor.shutdownNow();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), line.port());
  }

  @Test
  void bytesArriveWholeAndInOrderWhateverTheDelays() throws Exception {
    line.conditions(Conditions.delay(Duration.ZERO, Duration.ofMillis(3)));
    byte[] bytes = new byte[3 << 20];
    new Random(1).nextBytes(bytes);
    try (Socket socket = connect()) {
      var sent =
          executor.submit(
              () -> {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                return null;
              });

      byte[] came = socket.getInputStream().readAllBytes();

      sent.get();
      assertThat(came).isEqualTo(bytes);
    }
  }

  @Test
  void delayHoldsBytesBack() throws Exception {
    line.conditions(Conditions.delay(Duration.ofMillis(40), Duration.ofMillis(40)));
    try (Socket socket = connect()) {
      long begin = System.nanoTime();
      socket.getOutputStream().write(1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isGreaterThanOrEqualTo(Duration.ofMillis(80));
    }
  }

  @Test
  void limitOfBytesASecondIsKept() throws Exception {
    line.conditions(Conditions.good().limitedTo(1 << 20));
    try (Socket socket = connect()) {
      long begin = System.nanoTime();
      socket.getOutputStream().write(new byte[128 << 10]);
      assertThat(socket.getInputStream().readNBytes(128 << 10)).hasSize(128 << 10);
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isGreaterThanOrEqualTo(Duration.ofMillis(125));
    }
  }

  @Test
  void cutBreaksWhatThereIsAndWhatComes() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);

      line.cut();

      assertThat(ended(socket)).isTrue();
      try (Socket another = connect()) {
        assertThat(ended(another)).isTrue();
      }
      line.heal();
      try (Socket healed = connect()) {
        healed.getOutputStream().write(2);
        assertThat(healed.getInputStream().read()).isEqualTo(2);
      }
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void frozenLineHoldsBytesAndLosesNone() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      line.freeze();
      socket.getOutputStream().write(2);
      socket.setSoTimeout(50);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      socket.setSoTimeout(0);

      line.thaw();

      assertThat(socket.getInputStream().read()).isEqualTo(2);
    }
  }
}
