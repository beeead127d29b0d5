package io.datawarehouse.kernel.peer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.HmacJoinProofs;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.kernel.trust.Stranger;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.kernel.ManualClock;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the port of the bus takes for a node, by the join token. */
class LinkTrustTest {

  private static final String CLUSTER = "lab";
  private static final NodeId NODE = new NodeId("b");
  private static final int PATIENCE_MILLIS = 60_000;

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final SecureRandom random = new SecureRandom();
  private final RecordingMetrics metrics = new RecordingMetrics();
  private final AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private JoinTokens tokens;
  private NodeTls tls;
  private GrpcPeerNetwork network;
  private InetSocketAddress place;

  @BeforeEach
  void listen() {
    Path file = directory.resolve("cluster.token");
    JoinTokens.make(file, random);
    tokens =
        JoinTokens.open(
            new JoinTokens.Options(file, false, new MapSecrets(), random, clock, audit));
    tls = tls(NODE, metrics);
    network = new GrpcPeerNetwork(options());
    place = new InetSocketAddress(InetAddress.getLoopbackAddress(), network.start(new Deaf()));
  }

  private NodeTls tls(NodeId node, RecordingMetrics counted) {
    return new NodeTls(
        new NodeTls.Options(
            CLUSTER,
            node,
            CertificateNames.SEALED,
            NodeTls.STANDARD_LIFE,
            tokens,
            clock,
            random,
            counted,
            audit));
  }

  private GrpcPeerNetwork.Options options() {
    return new GrpcPeerNetwork.Options(
        new FederationHello(
            NODE,
            1,
            CLUSTER,
            SdkVersion.CURRENT,
            FrameCodec.OLDEST_PROTOCOL,
            FrameCodec.NEWEST_PROTOCOL,
            Set.of()),
        "127.0.0.1",
        0,
        new HmacJoinProofs(
            new HmacJoinProofs.Options(
                CLUSTER,
                NODE,
                1,
                HmacJoinProofs.STANDARD_TOLERANCE,
                tokens,
                clock,
                random,
                metrics,
                audit)),
        Optional.of(tls),
        Json.codec(),
        clock,
        System::nanoTime,
        random,
        timer,
        executor,
        Executors.defaultThreadFactory(),
        metrics,
        GrpcPeerNetwork.Settings.defaults());
  }

  @AfterEach
  void close() {
    network.close();
    timer.shutdownNow();
    executor.shutdownNow();
  }

  private double refused(String reason) {
    return metrics.count("cluster.trust.refused", Map.of("reason", reason));
  }

  @Test
  void strangersAreCountedByWhatTheyLackAndWhoOnlyLooksIsNot() throws IOException {
    Stranger stranger = new Stranger();
    new Socket(place.getAddress(), place.getPort()).close();
    stranger.tls(place, "TLSv1.3", new byte[] {1});
    stranger.tls(place, "TLSv1.2", new byte[] {1});
    stranger.plain(place, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    await()
        .atMost(Duration.ofMillis(PATIENCE_MILLIS))
        .until(() -> refused("no-certificate") == 1 && refused("handshake") == 2);
    assertThat(audit.recent()).extracting(AuditLog.Entry::what).containsOnly("handshake");
    assertThat(audit.recent())
        .allSatisfy(entry -> assertThat(entry.from()).startsWith("/127.0.0.1:"));
  }

  @Test
  void everyConnectionShowsItsCertificatesAnew() throws Exception {
    Visitor visitor = new Visitor(tls(new NodeId("a"), new RecordingMetrics()));

    visitor.visit();
    visitor.visit();
    visitor.visit();

    assertThat(visitor.judged).hasValue(3);
  }

  @Test
  void aSessionOfAnEarlierConnectionDoesNotOutliveItsCertificate() throws Exception {
    Visitor visitor = new Visitor(tls(new NodeId("a"), new RecordingMetrics()));
    visitor.visit();
    assertThat(refused("expired")).isZero();

    clock.advance(NodeTls.STANDARD_LIFE);
    tls.renewIfDue();

    assertThatThrownBy(visitor::visit).isInstanceOf(IOException.class);
    assertThat(refused("expired")).isEqualTo(1);
    assertThat(refused("handshake")).isZero();
  }

  /** A node's certificate in the hands of somebody who trusts everybody and keeps all sessions. */
  private final class Visitor implements X509TrustManager {

    final AtomicInteger judged = new AtomicInteger();
    private final SSLContext context = SSLContext.getInstance("TLSv1.3");

    Visitor(NodeTls own) throws GeneralSecurityException {
      context.init(new KeyManager[] {own.keyManager()}, new TrustManager[] {this}, random);
    }

    /** Connects and hears the first word; before it stands what a session is taken up by. */
    void visit() throws IOException {
      try (SSLSocket socket =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(place.getAddress().getHostAddress(), place.getPort())) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.startHandshake();
        if (socket.getInputStream().read() < 0) {
          throw new IOException("nothing is said");
        }
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      judged.incrementAndGet();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Nobody gets as far as a link. */
  private static final class Deaf implements PeerNetwork.Receiver {
    @Override
    public void up(PeerLink link) {}

    @Override
    public void received(PeerLink link, PeerFrame frame) {}

    @Override
    public void down(PeerLink link, String reason, boolean orderly) {}

    @Override
    public Optional<Content> take(PeerLink link, long content) {
      return Optional.empty();
    }

    @Override
    public PeerFrame.Heartbeat heartbeat(PeerLink link) {
      throw new IllegalStateException("there is no link");
    }
  }
}
