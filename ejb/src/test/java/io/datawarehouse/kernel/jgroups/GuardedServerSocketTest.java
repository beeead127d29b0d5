package io.datawarehouse.kernel.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.kernel.trust.Stranger;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.DefaultSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Strangers that connect and say nothing, by a clock that is set by hand. */
class GuardedServerSocketTest {

  @TempDir Path directory;

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger threads = new AtomicInteger();
  private final AtomicBoolean starved = new AtomicBoolean();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final List<Socket> sockets = new ArrayList<>();
  private DefaultSocketFactory factory;
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    Clock clock = Clock.systemUTC();
    SecureRandom random = new SecureRandom();
    AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());
    Path file = directory.resolve("cluster.token");
    JoinTokens.make(file, random);
    JoinTokens tokens =
        JoinTokens.open(
            new JoinTokens.Options(file, false, new MapSecrets(), random, clock, audit));
    NodeTls tls =
        new NodeTls(
            new NodeTls.Options(
                "warehouse",
                new NodeId("a"),
                CertificateNames.SEALED,
                NodeTls.STANDARD_LIFE,
                tokens,
                clock,
                random,
                metrics,
                audit));
    factory =
        new TlsSockets(
                tls,
                task -> {
                  if (starved.get()) {
                    throw new OutOfMemoryError("no thread is left, says the test");
                  }
                  threads.incrementAndGet();
                  Thread thread = new Thread(task, "handshake");
                  thread.setDaemon(true);
                  return thread;
                },
                nanos::get)
            .factory();
    server = factory.createServerSocket("server");
    server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }

  @Test
  void oneAddressHasItsShareOfThePlacesAndKeepsNobodyElseOut() throws IOException {
    List<Socket> first = silent("127.0.0.1", GuardedServerSocket.SHARE);
    List<Socket> more = silent("127.0.0.1", 3 * GuardedServerSocket.MOST_HANDSHAKES);

    for (Socket socket : more) {
      assertThat(isOver(socket)).isTrue();
    }
    assertShakesHands("127.0.0.2");
    for (Socket socket : first) {
      assertThat(isOver(socket)).isFalse();
    }
  }

  @Test
  void whoHasBeenAtItLongestGivesWayButNotBeforeAHandshakeHasHadItsTime() throws IOException {
    List<Socket> oldest = silent("127.0.0.1", 1);
    awaitHandshakes(1);
    nanos.addAndGet(1);
    List<Socket> others = silent("127.0.0.2", GuardedServerSocket.SHARE);
    others.addAll(silent("127.0.0.3", GuardedServerSocket.SHARE - 1));
    awaitHandshakes(GuardedServerSocket.MOST_HANDSHAKES);

    assertThatThrownBy(() -> shakeHands("127.0.0.4")).isInstanceOf(IOException.class);
    assertThat(isOver(oldest.get(0))).isFalse();

    nanos.addAndGet(GuardedServerSocket.PATIENCE.toNanos() - 1);
    assertShakesHands("127.0.0.4");
    assertThat(isOver(oldest.get(0))).isTrue();
    for (Socket socket : others) {
      assertThat(isOver(socket)).isFalse();
    }
  }

  @Test
  void whoeverSaysNothingIsLeftAloneForTheLimitAndNoLonger() throws IOException {
    Socket stranger = silent("127.0.0.2", 1).get(0);
    awaitHandshakes(1);
    nanos.addAndGet(TlsSockets.HANDSHAKE_LIMIT.toNanos());
    assertThat(isOver(stranger)).isFalse();

    nanos.addAndGet(1);
    await().atMost(Duration.ofMinutes(2)).until(() -> isOver(stranger));
  }

  @Test
  void moreAreAcceptedAfterThereWasNoThreadForOne() throws IOException {
    starved.set(true);
    for (Socket socket : silent("127.0.0.2", 2)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> isOver(socket));
    }

    starved.set(false);
    assertShakesHands("127.0.0.1");
  }

  @Test
  void strangersAreCountedByWhatTheyLackAndWhoOnlyLooksIsNot() throws IOException {
    InetSocketAddress place = (InetSocketAddress) server.getLocalSocketAddress();
    Stranger stranger = new Stranger();
    new Socket(place.getAddress(), place.getPort()).close();
    stranger.tls(place, "TLSv1.3", new byte[] {1});
    stranger.tls(place, "TLSv1.2", new byte[] {1});
    stranger.plain(place, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> refused("no-certificate") == 1 && refused("handshake") == 2);
    assertShakesHands("127.0.0.1");
    assertThat(refused("no-certificate") + refused("handshake")).isEqualTo(3);
  }

  private double refused(String reason) {
    return metrics.count("cluster.trust.refused", Map.of("reason", reason));
  }

  private List<Socket> silent(String from, int count) throws IOException {
    List<Socket> opened = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      opened.add(
          new Socket(
              server.getInetAddress(), server.getLocalPort(), InetAddress.getByName(from), 0));
    }
    sockets.addAll(opened);
    return opened;
  }

  /** The thread that accepts is one more. */
  private void awaitHandshakes(int count) {
    await().atMost(Duration.ofMinutes(2)).until(() -> threads.get() == count + 1);
  }

  private void assertShakesHands(String from) throws IOException {
    Socket client = shakeHands(from);
    Socket accepted = server.accept();
    sockets.add(accepted);
    assertThat(accepted.getPort()).isEqualTo(client.getLocalPort());
  }

  private SSLSocket shakeHands(String from) throws IOException {
    SSLSocket client = (SSLSocket) factory.createSocket("client");
    sockets.add(client);
    client.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    client.connect(server.getLocalSocketAddress());
    client.startHandshake();
    return client;
  }

  /** A last word of TLS may come before the end. */
  private static boolean isOver(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }
}
