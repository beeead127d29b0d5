package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.audit.AuditEntry;
import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.trust.Stranger;
import io.datawarehouse.plugin.rocksdb.RocksDbStoragePlugin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole node of a cluster gives to somebody on the network who has no join token. */
class StrangersLearnNothingTest {

  private static final String CLUSTER = "Quiet Harbour";
  private static final String NODE = "lighthouse-7";
  private static final InetSocketAddress GROUP = new InetSocketAddress("239.80.21.9", 46_711);

  /** Where JGroups answers questions of administrators where it is let. */
  private static final InetSocketAddress PROBES = new InetSocketAddress("224.0.75.75", 7_500);

  private static final byte[] HTTP2 =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  @TempDir Path directory;

  private final Stranger stranger = new Stranger();
  private List<Integer> ports;
  private Kernel kernel;
  private int overheard;

  @BeforeEach
  void startANode() throws IOException {
    ports = List.of(free(), free(), free());
    try (MulticastSocket group = stranger.overhear(GROUP)) {
      kernel =
          Kernel.start(
              new KernelOptions(
                  directory, KernelConfig.of(settings()), Clock.systemUTC(), Thread::new),
              List.of(new RocksDbStoragePlugin()));
      overheard = stranger.take(group);
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("dw.cluster.enabled", "true");
    settings.put("dw.cluster.name", CLUSTER);
    settings.put("dw.node.name", NODE);
    settings.put("dw.node.zone", "north-pier");
    settings.put("dw.cluster.port", ports.get(0).toString());
    settings.put("dw.cluster.raft.port", ports.get(1).toString());
    settings.put("dw.cluster.bus.port", ports.get(2).toString());
    settings.put("dw.cluster.discovery", "multicast");
    settings.put("dw.cluster.discovery.group", GROUP.getHostString());
    settings.put("dw.cluster.discovery.port", String.valueOf(GROUP.getPort()));
    settings.put("dw.cluster.discovery.hops", "0");
    return settings;
  }

  @AfterEach
  void stop() {
    kernel.stop();
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void assertNothingIsKnown() {
    for (String secret :
        List.of(CLUSTER, NODE, "harbour", "lighthouse", "north-pier", "datawarehouse", "jgroups")) {
      assertThat(stranger.all()).doesNotContain(secret.toLowerCase(Locale.ROOT));
    }
    assertThat(stranger.all()).doesNotContain(InetAddress.getLoopbackAddress().getHostAddress());
  }

  @Test
  void theirPortsShowACertificateThatTellsNothing() {
    for (int port : ports) {
      InetSocketAddress place = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
        stranger.tls(place, protocol, HTTP2);
      }
      stranger.plain(place, new byte[0]);
      stranger.plain(place, HTTP2);
      stranger.plain(place, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      stranger.plain(place, new byte[] {'b', 'e', 'l', 'a', 0, 5, 0, 0});
    }

    assertThat(stranger.certificates()).hasSizeGreaterThanOrEqualTo(ports.size());
    assertNothingIsKnown();
    // What was said on each port but nothing at all.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> refused("no-certificate") == 3 && refused("handshake") == 12);
    assertThat(recorded("cluster.handshake"))
        .hasSize(15)
        .allSatisfy(
            event -> {
              assertThat(event.principal()).isEqualTo(AuditEvent.ANONYMOUS);
              assertThat(event.outcome()).isEqualTo(AuditEvent.Outcome.REFUSED);
              assertThat(event.from().orElseThrow()).startsWith("/127.0.0.1:");
            });
  }

  private List<AuditEntry> recorded(String action) {
    return kernel.audit().list(0, 100).entries().stream()
        .filter(event -> event.action().equals(action))
        .toList();
  }

  private int refused(String reason) {
    String counter = "dw_cluster_trust_refused_total{reason=\"" + reason + "\"} ";
    return kernel
        .scrapeMetrics()
        .lines()
        .filter(line -> line.startsWith(counter))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(counter.length())))
        .sum();
  }

  @Test
  void theAuditSaysThatTheNodeItselfMadeTheJoinTokenAndWhere() {
    assertThat(recorded("cluster.join-token"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.principal()).isEqualTo("kernel");
              assertThat(event.target())
                  .isEqualTo("file '" + directory.resolve("secrets").resolve("join.token") + "'");
              assertThat(event.reason()).contains("a join token was made");
              assertThat(event.outcome()).isEqualTo(AuditEvent.Outcome.DONE);
            });
  }

  @Test
  void whoAsksByDatagramsGetsNoAnswer() throws IOException {
    byte[] noise = new byte[300];
    RandomGenerator.of("L64X128MixRandom").nextBytes(noise);
    for (String question : List.of("jmx", "keys", "member-addrs", "op=GMS.getView")) {
      stranger.ask(PROBES, question.getBytes(StandardCharsets.US_ASCII));
    }
    stranger.ask(GROUP, noise);

    assertThat(overheard).as("what the node asked the group").isPositive();
    assertThat(stranger.heardSince(overheard)).as("answers").isZero();
    assertNothingIsKnown();
  }
}
