package io.datawarehouse.kernel.peer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.PeerAddress;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.kernel.peer.PeerLink;
import io.datawarehouse.kernel.peer.PeerNetwork;
import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeLoad;
import io.datawarehouse.sdk.federation.FederationHello;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.SdkVersion;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import io.datawarehouse.testkit.network.NetworkEmulator;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a link, and what becomes of it. */
@Timeout(120)
class GrpcPeerNetworkTest {

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Duration SOON = Duration.ofSeconds(60);

  private final List<End> ends = new ArrayList<>();
  @TempDir Path directory;

  /** One network, and what it was told. */
  private static final class End implements PeerNetwork.Receiver, AutoCloseable {

    final NodeId id;
    final RecordingMetrics metrics = new RecordingMetrics();
    final Queue<String> news = new ConcurrentLinkedQueue<>();
    final Set<PeerLink> fallen = ConcurrentHashMap.newKeySet();
    final Queue<PeerFrame> frames = new ConcurrentLinkedQueue<>();
    final GrpcPeerNetwork network;
    final int port;
    volatile PeerLink link;
    private final ScheduledExecutorService timer;
    private final ExecutorService executor = Executors.newCachedThreadPool();

    End(Plan plan) {
      id = new NodeId(plan.name);
      timer = plan.timer;
      network =
          new GrpcPeerNetwork(
              new GrpcPeerNetwork.Options(
                  new FederationHello(
                      id,
                      plan.incarnation,
                      plan.cluster,
                      SdkVersion.CURRENT,
                      plan.protocol,
                      plan.protocol,
                      Set.of(GrpcPeerNetwork.ZSTD)),
                  "127.0.0.1",
                  0,
                  plan.proofs == null ? new Proofs(plan.name, plan.incarnation) : plan.proofs,
                  Optional.ofNullable(plan.tls),
                  Json.codec(),
                  Clock.systemUTC(),
                  plan.ticker,
                  new SecureRandom(),
                  timer,
                  executor,
                  Executors.defaultThreadFactory(),
                  metrics,
                  GrpcPeerNetwork.Settings.defaults().withHeartbeat(plan.heartbeat, plan.silence)));
      port = network.start(this);
    }

    @Override
    public void up(PeerLink newLink) {
      link = newLink;
      news.add("up " + newLink.peer());
    }

    @Override
    public void received(PeerLink from, PeerFrame frame) {
      if (!(frame instanceof PeerFrame.Heartbeat)) {
        frames.add(frame);
      }
    }

    @Override
    public void down(PeerLink gone, String reason, boolean orderly) {
      // It may be told twice, so it counts once.
      if (fallen.add(gone)) {
        news.add("down " + gone.peer() + (orderly ? " orderly" : ""));
      }
      if (link == gone) {
        link = null;
      }
    }

    @Override
    public Optional<Content> take(PeerLink by, long content) {
      return Optional.empty();
    }

    @Override
    public PeerFrame.Heartbeat heartbeat(PeerLink to) {
      return new PeerFrame.Heartbeat(1, NodeLoad.idle(), false, 0);
    }

    void reach(End other) {
      network.reach(List.of(new PeerAddress(other.id, "127.0.0.1", other.port)));
    }

    @Override
    public void close() {
      network.close();
      timer.shutdownNow();
      executor.shutdownNow();
    }
  }

  /** How an end differs from the usual one. */
  private static final class Plan {
    final String name;
    long incarnation = 1;
    String cluster = "lab";
    int protocol = FrameCodec.NEWEST_PROTOCOL;
    JoinProofs proofs;
    TlsMaterial tls;

    Duration heartbeat = Duration.ofMillis(50);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    LongSupplier ticker = System::nanoTime;

    /** Longer than any pause of the machine, where silence is not what is tested. */
    Duration silence = Duration.ofMinutes(1);

    Plan(String name) {
      this.name = name;
    }
  }

  /** Does what is periodic only when the test moves its time on; the rest as ever. */
  private static final class PlayedTimer extends ScheduledThreadPoolExecutor {

    private record Periodic(Runnable task, long period) {}

    final AtomicLong nanos = new AtomicLong();
    private final List<Periodic> periodic = new CopyOnWriteArrayList<>();

    PlayedTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable task, long initialDelay, long period, TimeUnit unit) {
      periodic.add(new Periodic(task, unit.toMillis(period)));
      return schedule(() -> {}, 0, unit);
    }

    void advance(long millis) {
      for (long i = 0; i < millis; i++) {
        long now = TimeUnit.NANOSECONDS.toMillis(nanos.addAndGet(1_000_000));
        periodic.stream().filter(each -> now % each.period == 0).forEach(each -> each.task.run());
      }
    }
  }

  private record Proofs(String name, long incarnation) implements JoinProofs {
    @Override
    public String mint(String purpose) {
      return name + " " + incarnation;
    }

    @Override
    public Verdict verify(String purpose, String proof, String from) {
      String[] parts = proof.split(" ");
      return parts.length == 2
          ? new Verdict.Accepted(new NodeId(parts[0]), Long.parseLong(parts[1]))
          : new Verdict.Refused("no proof");
    }
  }

  private End open(Plan plan) {
    End end = new End(plan);
    ends.add(end);
    return end;
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(condition);
  }

  @AfterEach
  void close() {
    ends.forEach(End::close);
  }

  private static void assertNoLink(End one, End other, String metric) {
    one.reach(other);
    other.reach(one);
    eventually(
        () ->
            one.metrics.count("peer.refused", Map.of("reason", metric)) > 0
                || other.metrics.count("peer.refused", Map.of("reason", metric)) > 0);
    assertThat(one.news).isEmpty();
    assertThat(other.news).isEmpty();
  }

  /** The liar, where it was called, thinks for a moment that it is welcome. */
  private static void assertRefused(End liar, End honest) {
    liar.reach(honest);
    honest.reach(liar);
    eventually(() -> honest.metrics.count("peer.refused", Map.of("reason", "proof")) > 0);
    assertThat(honest.news).isEmpty();
    eventually(() -> count(liar, "up") == count(liar, "down"));
  }

  private static long count(End end, String kind) {
    return end.news.stream().filter(news -> news.startsWith(kind + " ")).count();
  }

  @Test
  void nodesThatCallEachOtherAtOnceHaveOneLink() {
    for (int round = 0; round < 10; round++) {
      End a = open(new Plan("a"));
      End b = open(new Plan("b"));
      a.reach(b);
      b.reach(a);
      eventually(() -> a.link != null && b.link != null);
      PeerLink atA = a.link;
      assertThat(atA.send(atA.codec().encode(new PeerFrame.Unwanted(round))))
          .isEqualTo(PeerLink.Sending.TAKEN);
      eventually(() -> b.frames.size() == 1);
      assertThat(a.news).containsExactly("up b");
      assertThat(b.news).containsExactly("up a");
    }
  }

  @Test
  void oneEndThatKnowsTheOtherIsEnough() {
    End a = open(new Plan("a"));
    End b = open(new Plan("b"));

    b.reach(a);

    eventually(() -> a.link != null && b.link != null);
  }

  @Test
  void linkThatBreaksComesUpAgain() {
    End a = open(new Plan("a"));
    End b = open(new Plan("b"));
    a.reach(b);
    eventually(() -> a.link != null && b.link != null);

    b.link.cut("by the test");

    eventually(() -> List.copyOf(a.news).equals(List.of("up b", "down b", "up b")));
    eventually(() -> List.copyOf(b.news).equals(List.of("up a", "down a", "up a")));
  }

  @Test
  void silentPeerIsCutAndUsedAgainWhenItSpeaks() {
    try (NetworkEmulator emulator = new NetworkEmulator(1)) {
      Plan one = new Plan("a");
      one.silence = Duration.ofMillis(600);
      Plan other = new Plan("b");
      other.silence = one.silence;
      End a = open(one);
      End b = open(other);
      NetworkEmulator.Line line = emulator.line("127.0.0.1", b.port);
      a.network.reach(List.of(new PeerAddress(b.id, "127.0.0.1", line.port())));
      eventually(() -> a.link != null && b.link != null);

      line.freeze();

      eventually(() -> a.link == null && b.link == null);
      line.heal();
      eventually(() -> a.link != null && b.link != null);
    }
  }

  /** Three seconds after a node has frozen nobody may count on it. */
  @Test
  void silenceIsOverInLessThanSixHeartbeats() {
    GrpcPeerNetwork.Settings standard = GrpcPeerNetwork.Settings.defaults();

    assertThat(standard.heartbeat()).isEqualTo(Duration.ofMillis(500));
    assertThat(standard.silence()).isEqualTo(Duration.ofMillis(2_400));
    assertThat(GrpcPeerNetwork.Settings.silenceFor(Duration.ofMillis(100)))
        .isEqualTo(Duration.ofMillis(480));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 90, 110, 250, 490})
  void silentLinkIsCutWithoutWaitingForTheNextHeartbeat(long phase) {
    PlayedTimer timer = new PlayedTimer();
    Plan one = new Plan("a");
    one.timer = timer;
    one.ticker = timer.nanos::get;
    one.heartbeat = Duration.ofMillis(500);
    one.silence = Duration.ofMillis(2_400);
    Plan other = new Plan("b");
    other.timer = new PlayedTimer();
    End a = open(one);
    End b = open(other);
    timer.advance(phase);
    a.reach(b);
    eventually(() -> a.link != null && b.link != null);

    timer.advance(2_400);
    assertThat(a.link).isNotNull();
    timer.advance(100);

    eventually(() -> a.link == null);
  }

  @Test
  void nodeThatEndsInGoodOrderIsToldFromOneThatBreaks() {
    End a = open(new Plan("a"));
    End b = open(new Plan("b"));
    a.reach(b);
    eventually(() -> b.link != null && a.link != null);

    b.link.send(b.link.codec().encode(new PeerFrame.Leaving()));
    b.network.close();

    eventually(() -> a.news.contains("down b orderly"));
  }

  @Test
  void allThatWasTakenArrivesInItsOrderBeforeTheEnd() {
    End a = open(new Plan("a"));
    End b = open(new Plan("b"));
    a.reach(b);
    eventually(() -> b.link != null && a.link != null);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<PeerFrame.Request> sent = new ArrayList<>();
    for (int call = 0; call < 120; call++) {
      // Some are longer than all that is gathered; all together the transport takes at once.
      byte[] bytes = new byte[call % 40 == 20 ? 20_000 : random.nextInt(400)];
      random.nextBytes(bytes);
      sent.add(
          new PeerFrame.Request(
              call,
              Message.command(Topic.of("a.topic"), Payload.of(Bytes.copyOf(bytes))).build(),
              null));
    }
    // From another thread than the transport's.
    for (PeerFrame.Request request : sent) {
      assertThat(b.link.send(b.link.codec().encode(request))).isEqualTo(PeerLink.Sending.TAKEN);
    }
    b.network.close();

    eventually(() -> a.news.contains("down b"));
    assertThat(a.frames)
        .map(PeerFrame.Request.class::cast)
        .map(GrpcPeerNetworkTest::told)
        .containsExactlyElementsOf(sent.stream().map(GrpcPeerNetworkTest::told).toList());
  }

  private static String told(PeerFrame.Request request) {
    return request.call() + " " + request.message().payload().toBytes(Json.codec()).hashCode();
  }

  @Test
  void laterRunOfAPeerTakesTheLinkOver() {
    End b = open(new Plan("b"));
    End first = open(new Plan("a"));
    first.reach(b);
    eventually(() -> b.link != null);
    Plan plan = new Plan("a");
    plan.incarnation = 2;
    End second = open(plan);

    second.reach(b);

    eventually(() -> b.link != null && b.link.incarnation() == 2);
    assertThat(b.news).containsExactly("up a", "down a", "up a");
  }

  @Test
  void strangerWithoutAProofIsRefused() {
    Plan plan = new Plan("a");
    plan.proofs =
        new JoinProofs() {
          @Override
          public String mint(String purpose) {
            return "made up";
          }

          @Override
          public Verdict verify(String purpose, String proof, String from) {
            return new Verdict.Accepted(new NodeId("b"), 1);
          }
        };
    Plan other = new Plan("b");
    other.proofs =
        new JoinProofs() {
          @Override
          public String mint(String purpose) {
            return "b 1";
          }

          @Override
          public Verdict verify(String purpose, String proof, String from) {
            return new Verdict.Refused("unknown");
          }
        };
    End stranger = open(plan);
    End node = open(other);

    stranger.reach(node);

    eventually(() -> node.metrics.count("peer.refused", Map.of("reason", "proof")) > 0);
    assertThat(node.news).isEmpty();
    assertThat(stranger.news).isEmpty();
  }

  @Test
  void strangerWhoSaysNothingIsCutOff() throws Exception {
    End node = open(new Plan("a"));
    try (Socket stranger = new Socket("127.0.0.1", node.port)) {
      // Less than what the library allows by itself, two minutes.
      stranger.setSoTimeout((int) SOON.toMillis());

      InputStream in = stranger.getInputStream();
      while (in.read() >= 0) {
        assertThat(node.news).isEmpty();
      }
    }
    assertThat(node.news).isEmpty();
  }

  @Test
  void nodeWithTheProofOfAnotherIsRefused() {
    Plan plan = new Plan("a");
    plan.proofs = new Proofs("c", 1);
    assertRefused(open(plan), open(new Plan("b")));
  }

  @Test
  void nodeOfAnotherClusterIsRefused() {
    Plan plan = new Plan("a");
    plan.cluster = "elsewhere";
    assertNoLink(open(plan), open(new Plan("b")), "refused");
  }

  @Test
  void nodeThatSpeaksNoCommonProtocolIsRefused() {
    Plan plan = new Plan("a");
    plan.protocol = 9;
    assertNoLink(open(plan), open(new Plan("b")), "refused");
  }

  @Test
  void anotherNodeAtAnAddressIsRefused() {
    End a = open(new Plan("a"));
    End b = open(new Plan("b"));

    a.network.reach(List.of(new PeerAddress(new NodeId("c"), "127.0.0.1", b.port)));

    eventually(() -> a.metrics.count("peer.refused", Map.of("reason", "identity")) > 0);
    assertThat(a.news).isEmpty();
  }

  // ---- TLS -----------------------------------------------------------------------------------

  private Path keys(String node, String named) throws Exception {
    Path file = directory.resolve(node + ".p12");
    run(
        "-genkeypair",
        "-alias",
        "node",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=" + named,
        "-ext",
        "san=uri:datawarehouse:node:" + named + ",ip:127.0.0.1",
        "-validity",
        "2",
        "-keystore",
        file.toString(),
        "-storepass",
        "changeit");
    return file;
  }

  private static void run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static KeyStore load(Path file) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(file.toFile())) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static String nameIn(SSLSession session) {
    try {
      return session.getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      throw new AssertionError(e);
    }
  }

  private static TlsMaterial material(Path own, Path... trusted) throws Exception {
    return material(
        session -> Optional.of(new NodeId(nameIn(session).substring("CN=".length()))),
        own,
        trusted);
  }

  private static TlsMaterial material(
      Function<SSLSession, Optional<NodeId>> peers, Path own, Path... trusted) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("NewSunX509");
    keys.init(load(own), PASSWORD);
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    for (Path other : trusted) {
      trust.setCertificateEntry(other.toString(), load(other).getCertificate("node"));
    }
    TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
    trusts.init(trust);
    X509ExtendedKeyManager keyManager = (X509ExtendedKeyManager) keys.getKeyManagers()[0];
    X509ExtendedTrustManager trustManager = (X509ExtendedTrustManager) trusts.getTrustManagers()[0];
    return new TlsMaterial() {
      @Override
      public X509ExtendedKeyManager keyManager() {
        return keyManager;
      }

      @Override
      public X509ExtendedTrustManager trustManager() {
        return trustManager;
      }

      @Override
      public Optional<NodeId> peer(SSLSession session, String from) {
        return peers.apply(session);
      }

      @Override
      public void failed(Throwable failure, String from) {}
    };
  }

  @Test
  void nodesWithCertificatesThatNameThemHaveALink() throws Exception {
    Path keysOfA = keys("a", "a");
    Path keysOfB = keys("b", "b");
    Plan a = new Plan("a");
    a.tls = material(keysOfA, keysOfB);
    Plan b = new Plan("b");
    b.tls = material(keysOfB, keysOfA);
    End one = open(a);
    End other = open(b);

    one.reach(other);

    eventually(() -> one.link != null && other.link != null);
    one.link.send(one.link.codec().encode(new PeerFrame.Subscriptions("x".repeat(50_000))));
    eventually(() -> other.frames.size() == 1);
  }

  @Test
  void nodeWhoseCertificateNamesAnotherIsRefused() throws Exception {
    Path keysOfA = keys("a", "somebody-else");
    Path keysOfB = keys("b", "b");
    Plan a = new Plan("a");
    a.tls = material(keysOfA, keysOfB);
    Plan b = new Plan("b");
    b.tls = material(keysOfB, keysOfA);

    assertRefused(open(a), open(b));
  }

  @Test
  void nodeWhoseCertificateIsGoodNoMoreIsRefusedThoughItsHandshakeIsDone() throws Exception {
    Path keysOfA = keys("a", "a");
    Path keysOfB = keys("b", "b");
    Plan a = new Plan("a");
    a.tls = material(keysOfA, keysOfB);
    Plan b = new Plan("b");
    b.tls = material(session -> Optional.empty(), keysOfB, keysOfA);

    assertRefused(open(a), open(b));
  }

  @Test
  void certificateThatNobodyTrustsAndPlainTextGetNowhere() throws Exception {
    Path keysOfA = keys("a", "a");
    Path keysOfB = keys("b", "b");
    Plan a = new Plan("a");
    a.tls = material(keysOfA, keysOfB);
    Plan b = new Plan("b");
    b.tls = material(keysOfB, keysOfB);
    End one = open(a);
    End other = open(b);
    End plain = open(new Plan("c"));

    one.reach(other);
    plain.reach(other);

    await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> other.news.isEmpty());
    assertThat(one.news).isEmpty();
    assertThat(plain.news).isEmpty();
  }
}
