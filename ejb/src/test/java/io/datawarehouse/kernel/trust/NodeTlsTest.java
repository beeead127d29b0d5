package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTlsTest {

  private static final int LIMIT_MILLIS = 60_000;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  @TempDir Path directory;
  private TrustFixture fixture;
  private JoinToken token;
  private TrustFixture.Node one;
  private TrustFixture.Node two;

  @BeforeEach
  void makeTwoNodes() {
    fixture = new TrustFixture(directory);
    token = fixture.token();
    one = fixture.node("node-1", token);
    two = fixture.node("node-2", token);
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  // ---- who is let in -------------------------------------------------------------------------

  @Test
  void nodesWithTheSameTokenKnowEachOtherByName() throws Exception {
    try (Link link = connect(one, two)) {
      assertThat(one.tls.peer(link.client.getSession(), "two")).contains(new NodeId("node-2"));
      assertThat(two.tls.peer(link.server.getSession(), "one")).contains(new NodeId("node-1"));
      assertThat(link.client.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
    assertThat(one.allRefusedByTls()).isZero();
    assertThat(two.allRefusedByTls()).isZero();
  }

  @Test
  void anotherTokenIsRefusedByBothSides() {
    TrustFixture.Node stranger = fixture.node("node-1", fixture.token());

    assertNoLink(stranger, two);
    assertThat(stranger.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isEqualTo(1);

    trusting(stranger);
    assertThat(two.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isEqualTo(1);
    assertThat(two.audit.recent())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.what()).isEqualTo("tls");
              assertThat(entry.from()).startsWith("/127.0.0.1:");
              assertThat(entry.reason())
                  .isEqualTo("refused: no accepted join token stands behind it");
            });
  }

  /** Connects to node two as somebody who trusts everybody. */
  private void trusting(TrustFixture.Node stranger) {
    SSLContext trusting = trustingContext(stranger);
    assertRefused(() -> connect(trusting, two.tls.sslContext()).close());
  }

  private SSLContext trustingContext(TrustFixture.Node stranger) {
    return NodeSslContext.of(
        stranger.tls.keyManager(),
        new NodeTrustManager((chain, purposes, from) -> Optional.of(new NodeId("anybody"))),
        fixture.random);
  }

  @Test
  void anExpiredCertificateIsRefused() {
    fixture.clock.advance(TrustFixture.LIFE);
    two.tls.renewIfDue();

    assertNoLink(two, one);
    assertThat(two.refusedByTls(Refusal.EXPIRED)).isEqualTo(1);
    assertNoLink(one, two);
    assertThat(two.refusedByTls(Refusal.EXPIRED)).isEqualTo(2);
  }

  @Test
  void aCertificateOfALaterTimeIsRefused() {
    Instant now = fixture.clock.instant();
    fixture.clock.advance(Duration.ofHours(1));
    TrustFixture.Node early = fixture.node("early", token);
    fixture.clock.set(now);

    assertNoLink(early, two);
    assertThat(two.refusedByTls(Refusal.NOT_YET_VALID)).isEqualTo(1);
  }

  @Test
  void anotherClusterIsRefusedThoughItHasTheSameToken() {
    TrustFixture.Node archive = fixture.new Node("node-1", "archive", 1, token);

    assertNoLink(archive, two);
    assertThat(archive.refusedByTls(Refusal.WRONG_CLUSTER)).isEqualTo(1);
  }

  @Test
  void whoShowsNoCertificateIsRefused() throws Exception {
    SSLContext bare = SSLContext.getInstance("TLSv1.3");
    bare.init(
        null,
        new javax.net.ssl.TrustManager[] {
          new NodeTrustManager((chain, purposes, from) -> Optional.of(new NodeId("anybody")))
        },
        fixture.random);

    two.tls.failed(failureOf(() -> connect(bare, two.tls.sslContext()).close()), "10.0.0.9:1");

    assertThat(two.refusedByTls(Refusal.NO_CERTIFICATE)).isEqualTo(1);
    assertThat(two.allRefusedByTls()).isEqualTo(1);
    assertThat(two.audit.recent())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.what()).isEqualTo("handshake");
              assertThat(entry.from()).isEqualTo("10.0.0.9:1");
              assertThat(entry.reason()).isEqualTo("refused: it shows no certificate");
            });
  }

  @Test
  void olderProtocolsAreRefused() throws Exception {
    SSLContext older = SSLContext.getInstance("TLSv1.2");
    older.init(
        new javax.net.ssl.KeyManager[] {one.tls.keyManager()},
        new javax.net.ssl.TrustManager[] {one.tls.trustManager()},
        fixture.random);

    two.tls.failed(failureOf(() -> connect(older, two.tls.sslContext()).close()), "10.0.0.9:1");
    assertThat(two.refusedByTls(Refusal.HANDSHAKE)).isEqualTo(1);
    assertThat(two.allRefusedByTls()).isEqualTo(1);
    try (SSLServerSocket server = listen(older)) {
      server.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertRefused(() -> connect(two.tls.sslContext(), server).close());
    }
  }

  @Test
  void garbageOnTheWireIsRefusedAndTheServerGoesOn() throws Exception {
    Random random = new Random(20_260_103);
    try (SSLServerSocket server = listen(two.tls.sslContext())) {
      for (int round = 0; round < 30; round++) {
        Future<Boolean> accepted = executor.submit(() -> handshake(server));
        try (Socket stranger =
            new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
          byte[] noise = new byte[random.nextInt(500)];
          random.nextBytes(noise);
          if (round % 2 == 0 && noise.length > 5) {
            System.arraycopy(new byte[] {22, 3, 1, 0, (byte) (noise.length - 5)}, 0, noise, 0, 5);
          }
          stranger.getOutputStream().write(noise);
        }
        assertThat(accepted.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
      }
    }
    connect(one, two).close();
  }

  @Test
  void whoSpeaksSomethingElseIsCountedAndWhoOnlyConnectsIsNot() throws Exception {
    two.tls.failed(failureOfStranger("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "10.0.0.9:1");
    assertThat(two.refusedByTls(Refusal.HANDSHAKE)).isEqualTo(1);

    two.tls.failed(failureOfStranger(""), "10.0.0.9:1");
    two.tls.failed(new SocketException("Connection reset"), "10.0.0.9:1");
    two.tls.failed(
        new SSLException("it broke", new SocketException("Connection reset")), "10.0.0.9:1");
    two.tls.failed(new SSLException("Received close_notify during handshake"), "10.0.0.9:1");
    two.tls.failed(new ClosedChannelException(), "10.0.0.9:1");
    two.tls.failed(new IOException("no file is left"), "10.0.0.9:1");

    assertThat(two.allRefusedByTls()).isEqualTo(1);
    assertThat(two.audit.recent()).hasSize(1);
  }

  @Test
  void whoseCertificateWasJudgedIsNotCountedTwice() {
    TrustFixture.Node stranger = fixture.node("node-1", fixture.token());
    SSLContext trusting = trustingContext(stranger);

    two.tls.failed(failureOf(() -> connect(trusting, two.tls.sslContext()).close()), "10.0.0.9:1");

    assertThat(two.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isEqualTo(1);
    assertThat(two.allRefusedByTls()).isEqualTo(1);
  }

  @Test
  void whoScansPortsDoesNotPushOutWhatIsToldOfCertificates() {
    for (int i = 0; i < 1_000; i++) {
      two.tls.failed(new SSLException("no TLS"), "10.0." + i / 250 + "." + i % 250 + ":1");
    }
    trusting(fixture.node("node-1", fixture.token()));

    assertThat(two.refusedByTls(Refusal.HANDSHAKE)).isEqualTo(1_000);
    assertThat(two.audit.recent()).hasSize(31);
    assertThat(two.audit.recent()).extracting(AuditLog.Entry::what).contains("tls");
  }

  /** What a server says of somebody who sends that and goes. */
  private Throwable failureOfStranger(String said) throws Exception {
    try (SSLServerSocket server = listen(two.tls.sslContext())) {
      Future<Throwable> failure =
          executor.submit(
              () -> {
                try (SSLSocket socket = (SSLSocket) server.accept()) {
                  socket.setSoTimeout(LIMIT_MILLIS);
                  socket.startHandshake();
                  throw new AssertionError("a stranger was let in");
                } catch (IOException e) {
                  return e;
                }
              });
      try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
        stranger.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
      }
      return failure.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static boolean handshake(SSLServerSocket server) throws IOException {
    try (SSLSocket socket = (SSLSocket) server.accept()) {
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.startHandshake();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void nodesThatNameThemselvesInTheOpenAndThoseThatDoNotKnowEachOther() throws Exception {
    TrustFixture.Node open =
        fixture.new Node("open", TrustFixture.CLUSTER, 1, CertificateNames.OPEN, token);

    try (Link link = connect(open, two)) {
      assertThat(open.tls.peer(link.client.getSession(), "two")).contains(new NodeId("node-2"));
      assertThat(two.tls.peer(link.server.getSession(), "open")).contains(new NodeId("open"));
    }
    try (Link link = connect(one, open)) {
      assertThat(one.tls.peer(link.client.getSession(), "open")).contains(new NodeId("open"));
    }
  }

  // ---- renewal and rotation ------------------------------------------------------------------

  @Test
  void aCertificateIsRenewedAtTwoThirdsOfItsLife() {
    Instant first = one.tls.until();
    fixture.clock.advance(Duration.ofHours(16).minusSeconds(1));
    assertThat(one.tls.renewIfDue()).isFalse();

    fixture.clock.advance(Duration.ofSeconds(1));
    assertThat(one.tls.renewIfDue()).isTrue();
    assertThat(one.tls.renewIfDue()).isFalse();

    assertThat(one.tls.until()).isEqualTo(first.plus(Duration.ofHours(16)));
    assertThat(one.metrics.count("cluster.trust.issued")).isEqualTo(2);
    assertThat(one.metrics.gauge("cluster.trust.certificate.remaining.seconds"))
        .isEqualTo(TrustFixture.LIFE.toSeconds());
  }

  @Test
  void aCertificateIsRenewedWhenTheClockWentBack() {
    fixture.clock.advance(Duration.ofDays(-10));

    assertThat(one.tls.renewIfDue()).isTrue();
    assertThat(one.tls.until()).isEqualTo(fixture.clock.instant().plus(TrustFixture.LIFE));
  }

  @Test
  void aRenewalCutsNoConnectionAndServesTheNext() throws Exception {
    try (Link before = connect(one, two)) {
      fixture.clock.advance(Duration.ofHours(20));
      one.tls.renewIfDue();
      two.tls.renewIfDue();
      fixture.clock.advance(Duration.ofHours(10));

      assertThat(before.echo(7)).isEqualTo(7);
      connect(one, two).close();
    }
  }

  @Test
  void tokensAreReplacedOnOneNodeAfterTheOtherWithoutCuttingAConnection() throws Exception {
    JoinToken fresh = fixture.token();
    TrustFixture.Node left = fixture.node("left", token);
    try (Link old = connect(one, two)) {
      one.holds(fresh, token);
      assertLinked();
      two.holds(fresh, token);
      assertLinked();
      connect(left, one).close();
      connect(two, left).close();

      one.holds(fresh);
      assertLinked();
      two.holds(fresh);
      assertLinked();
      assertThat(old.echo(9)).isEqualTo(9);
      assertThat(one.tls.peer(old.client.getSession(), "two")).isEmpty();
    }
    assertNoLink(left, one);
    assertNoLink(two, left);
    assertThat(left.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isPositive();
  }

  private void assertLinked() throws Exception {
    connect(one, two).close();
    connect(two, one).close();
  }

  /** A client that was let in once comes back with the session of that time. */
  @Test
  void noSessionIsTakenUpAgainAfterTheTokenIsGone() throws Exception {
    TrustFixture.Node left = fixture.node("left", token);
    SSLContext keeps =
        NodeSslContext.of(
            left.tls.keyManager(),
            new NodeTrustManager((chain, purposes, from) -> Optional.of(new NodeId("anybody"))),
            fixture.random);
    try (SSLServerSocket server = listen(two.tls.sslContext())) {
      try (Link first = connect(keeps, server)) {
        assertThat(first.echo(1)).isEqualTo(1);
      }
      two.holds(fixture.token());

      assertRefused(() -> connect(keeps, server).close());
    }
    assertThat(two.refusedByTls(Refusal.UNKNOWN_AUTHORITY)).isEqualTo(1);
  }

  @Test
  void whomACertificateNamesCanBeReadByHoldersOfEachTokenThatItWasMadeWith() {
    JoinToken fresh = fixture.token();
    one.holds(fresh, token);
    X509Certificate own = certificate(one);
    TrustFixture.Node newer = fixture.node("newer", fresh);
    TrustFixture.Node stranger = fixture.node("stranger", fixture.token());

    assertThat(named(own, two)).contains(one.id);
    assertThat(named(own, newer)).contains(one.id);
    assertThat(named(own, stranger)).isEmpty();
    two.holds(fresh);
    assertThat(named(own, two)).contains(one.id);
  }

  private static Optional<NodeId> named(X509Certificate certificate, TrustFixture.Node reader) {
    return CertificateJudge.identity(
            certificate, reader.tokens.accepted().stream().map(ClusterAuthority::of).toList())
        .map(NodeIdentity::nodeId);
  }

  private static X509Certificate certificate(TrustFixture.Node node) {
    String alias = node.tls.keyManager().chooseEngineServerAlias("EC", null, null);
    return node.tls.keyManager().getCertificateChain(alias)[0];
  }

  @Test
  void handshakesDuringRenewalsAllSucceed() throws Exception {
    JoinToken other = fixture.token();
    for (int round = 0; round < 30; round++) {
      Future<?> renewals =
          executor.submit(
              () -> {
                one.holds(token, other);
                two.holds(other, token);
                one.holds(other, token);
                two.holds(token, other);
              });
      SSLEngine client = one.tls.sslContext().createSSLEngine();
      SSLEngine server = two.tls.sslContext().createSSLEngine();
      client.setUseClientMode(true);
      server.setUseClientMode(false);

      shakeHands(client, server);

      renewals.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }
    assertThat(one.metrics.count("cluster.trust.issued")).isEqualTo(61);
    assertThat(one.allRefusedByTls() + two.allRefusedByTls()).isZero();
  }

  @Test
  void aKeyAndAChainThatAreAskedForByOneAliasFitEachOther() throws Exception {
    String alias = one.tls.keyManager().chooseEngineServerAlias("EC", null, null);
    fixture.clock.advance(Duration.ofHours(20));
    one.tls.renewIfDue();

    PrivateKey key = one.tls.keyManager().getPrivateKey(alias);
    X509Certificate[] chain = one.tls.keyManager().getCertificateChain(alias);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    byte[] signed = signature.sign();
    signature.initVerify(chain[0]);

    assertThat(signature.verify(signed)).isTrue();
    assertThat(one.tls.keyManager().chooseEngineServerAlias("EC", null, null)).isNotEqualTo(alias);
    assertThat(one.tls.keyManager().chooseEngineServerAlias("RSA", null, null)).isNull();
    assertThat(one.tls.keyManager().getPrivateKey("another")).isNull();
  }

  // ---- engines and settings ------------------------------------------------------------------

  @Test
  void enginesAskClientsForACertificate() throws Exception {
    SSLEngine client = one.tls.sslContext().createSSLEngine("node-2", 7800);
    SSLEngine server = two.tls.sslContext().createSSLEngine();
    client.setUseClientMode(true);
    server.setUseClientMode(false);

    shakeHands(client, server);

    assertThat(two.tls.peer(server.getSession(), "one")).contains(new NodeId("node-1"));
    assertThat(client.getEnabledProtocols()).containsExactly("TLSv1.3");
    assertThat(server.getEnabledProtocols()).containsExactly("TLSv1.3");
  }

  @Test
  void aSessionWithoutAPeerIsNobodys() {
    SSLEngine engine = one.tls.sslContext().createSSLEngine();

    assertThat(one.tls.peer(engine.getSession(), "nowhere")).isEmpty();
    assertThat(one.refusedByTls(Refusal.MALFORMED)).isEqualTo(1);
  }

  @Test
  void theLifeOfACertificateIsBounded() {
    for (Duration life :
        List.of(NodeTls.SHORTEST_LIFE.minusMillis(1), NodeTls.LONGEST_LIFE.plusMillis(1))) {
      assertThatThrownBy(
              () ->
                  new NodeTls.Options(
                      TrustFixture.CLUSTER,
                      one.id,
                      CertificateNames.SEALED,
                      life,
                      one.tokens,
                      fixture.clock,
                      fixture.random,
                      one.metrics,
                      one.audit))
          .isInstanceOf(WarehouseException.class)
          .hasMessageContaining("life");
    }
  }

  @Test
  void nothingShowsASecret() {
    String secret = TrustFixture.text(token).substring(5, 48);

    for (Object shown : Arrays.asList(one.tls, one.tokens, one.proofs, one.tls.sslContext())) {
      assertThat(shown.toString()).doesNotContain(secret);
    }
  }

  // ---- connections ---------------------------------------------------------------------------

  private static final class Link implements AutoCloseable {
    final SSLSocket client;
    final SSLSocket server;

    Link(SSLSocket client, SSLSocket server) {
      this.client = client;
      this.server = server;
    }

    int echo(int value) throws IOException {
      client.getOutputStream().write(value);
      server.getOutputStream().write(server.getInputStream().read());
      return client.getInputStream().read();
    }

    /** Both say that they close before either waits for the other to say so. */
    @Override
    public void close() throws IOException {
      client.shutdownOutput();
      server.shutdownOutput();
      client.close();
      server.close();
    }
  }

  private void assertNoLink(TrustFixture.Node client, TrustFixture.Node server) {
    assertRefused(() -> connect(client, server).close());
  }

  /**
   * The side that refuses says so by TLS; the other may find the connection cut before it reads
   * that.
   */
  private static void assertRefused(ThrowableAssert.ThrowingCallable connecting) {
    assertThatThrownBy(connecting)
        .cause()
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  /** Returns what the server says of a connection that it refuses. */
  private static Throwable failureOf(ThrowableAssert.ThrowingCallable connecting) {
    Throwable thrown = catchThrowable(connecting);
    assertThat(thrown).isNotNull().cause().isInstanceOf(IOException.class);
    return thrown.getCause();
  }

  private Link connect(TrustFixture.Node client, TrustFixture.Node server) throws Exception {
    return connect(client.tls.sslContext(), server.tls.sslContext());
  }

  private Link connect(SSLContext clientContext, SSLContext serverContext) throws Exception {
    try (SSLServerSocket listening = listen(serverContext)) {
      return connect(clientContext, listening);
    }
  }

  /** Connects and sends something both ways: only then each side knows what the other thinks. */
  private Link connect(SSLContext clientContext, SSLServerSocket listening) throws Exception {
    Future<SSLSocket> accepted =
        executor.submit(
            () -> {
              SSLSocket socket = (SSLSocket) listening.accept();
              try {
                socket.setSoTimeout(LIMIT_MILLIS);
                socket.startHandshake();
                socket.getOutputStream().write(socket.getInputStream().read());
                return socket;
              } catch (IOException e) {
                socket.close();
                throw e;
              }
            });
    SSLSocket client = (SSLSocket) clientContext.getSocketFactory().createSocket();
    try {
      client.setSoTimeout(LIMIT_MILLIS);
      client.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort()));
      client.startHandshake();
      client.getOutputStream().write(5);
      client.getInputStream().read();
    } catch (IOException e) {
      // What the server thought of it is the failure to look at.
      client.close();
    }
    return new Link(client, accepted.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS));
  }

  private static SSLServerSocket listen(SSLContext context) throws IOException {
    return (SSLServerSocket)
        context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  /** Lets two engines talk until both are through. */
  private static void shakeHands(SSLEngine client, SSLEngine server) throws SSLException {
    ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    client.beginHandshake();
    server.beginHandshake();
    for (int step = 0; step < 100; step++) {
      boolean moved = step(client, toClient, toServer) | step(server, toServer, toClient);
      if (!moved && done(client) && done(server)) {
        return;
      }
    }
    throw new SSLException("no end of the handshake");
  }

  private static boolean done(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer nothing = ByteBuffer.allocate(1 << 16);
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> {
        for (Runnable task = engine.getDelegatedTask();
            task != null;
            task = engine.getDelegatedTask()) {
          task.run();
        }
        return true;
      }
      case NEED_WRAP -> {
        engine.wrap(ByteBuffer.allocate(0), out);
        return true;
      }
      default -> {
        in.flip();
        boolean some = in.hasRemaining();
        if (some) {
          engine.unwrap(in, nothing);
        }
        in.compact();
        return some;
      }
    }
  }
}
