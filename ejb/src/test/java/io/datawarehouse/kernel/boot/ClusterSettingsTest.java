package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.cluster.infinispan.Discovery;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.coordination.raft.RaftOptions;
import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.kernel.trust.AuditLog;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.JoinTokens;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.NodeDescriptor;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.testkit.kernel.MapSecrets;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterSettingsTest {

  private static final String DISCOVERY = "dw.cluster.discovery";

  @TempDir Path data;

  private SettingsReader reader(String... namesAndValues) {
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new SettingsReader(KernelConfig.of(settings));
  }

  @ParameterizedTest
  @CsvSource({
    "static,    nodes,   'host:99999',        discovery.nodes is 'host:99999'",
    "multicast, group,   127.0.0.1,           discovery.group is",
    "multicast, port,    70000,               discovery.port is '70000'",
    "multicast, hops,    many,                discovery.hops is 'many'",
    "dns,       record,  MX,                  discovery.record is 'MX'",
    "dns,       servers, '10.0.0.1:x',        discovery.servers is '10.0.0.1:x'",
    "jdbc,      source,  java:comp/none,      discovery.source is 'java:comp/none'",
  })
  void valueThatCannotBeIsToldWithItsKey(String kind, String last, String value, String told) {
    SettingsReader reader =
        reader(DISCOVERY, kind, DISCOVERY + ".dns", "nodes.example", DISCOVERY + "." + last, value);

    ClusterSettings.read(reader, data);

    assertThat(reader.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem).startsWith("dw.cluster." + told));
  }

  @ParameterizedTest
  @CsvSource({"static, nodes", "dns, dns", "jdbc, source"})
  void whatIsMissingIsToldWithItsKey(String kind, String last) {
    SettingsReader reader = reader(DISCOVERY, kind);

    ClusterSettings.read(reader, data);

    assertThat(reader.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem).contains(DISCOVERY + "." + last));
  }

  @ParameterizedTest
  @CsvSource({
    "dw.cluster.founding-nodes,       -1,      256,     use a whole number from 0 to 255",
    "dw.cluster.port,                 -1,      65001,   use a whole number from 0 to 65000",
    "dw.cluster.raft.port,            -1,      65536,   use a whole number from 0 to 65535",
    "dw.cluster.bus.port,             -1,      65536,   use a whole number from 0 to 65535",
    "dw.cluster.silence,              999ms,   301s,    use a duration from 1s to 5m",
    "dw.cluster.dead-after,           999ms,   169h,    use a duration from 1s to 168h",
    "dw.cluster.forget-after,         10s,     P366D,   use a duration from 1m to 8760h",
    "dw.cluster.heartbeat,            49ms,    20s,     use a duration from 50ms to 10s",
    "dw.cluster.brake.share,          0,       1.5,     use a number from 0.01 to 1.0",
    "dw.cluster.certificate.life,     10s,     P91D,    use a duration from 1m to 2160h",
    "dw.cluster.join.timeout,         0s,      25h,     use a duration from 1ms to 24h",
    "dw.cluster.agreement.timeout,    0s,      25h,     use a duration from 1ms to 24h",
    "dw.rebalance.grace,              0s,      25h,     use a duration from 1ms to 24h",
    "dw.cluster.contents,             0,       100001,  use a whole number from 1 to 100000",
    "dw.cluster.breaker.failures,     0,       10001,   use a whole number from 1 to 10000",
    "dw.cluster.breaker.open,         0s,      25h,     use a duration from 1ms to 24h",
    "dw.cluster.breaker.probes,       0,       1001,    use a whole number from 1 to 1000",
    "dw.cluster.bulkhead.concurrency, 0,       1000001, use a whole number from 1 to 1000000",
    "dw.cluster.bind,                 0.0.0.0, 239.1.1.1, use the one address",
    "dw.node.weight,                  0,       1001,    use a number from 0.001 to 1000.0",
  })
  void whatIsOutOfRangeIsToldWithItsKeyItsValueAndTheRange(
      String key, String less, String more, String rule) {
    for (String value : List.of(less, more)) {
      SettingsReader reader = reader(key, value);

      ClusterSettings.read(reader, data);

      assertThat(reader.problems())
          .singleElement()
          .satisfies(
              problem -> assertThat(problem).startsWith(key + " is '" + value + "': " + rule));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dw.cluster.name, 101, 100",
    "dw.node.address, 256, 255",
    "dw.node.zone, 256, 255",
    "dw.node.rack, 256, 255"
  })
  void textThatIsTooLongIsToldWithItsKey(String key, int length, int longest) {
    SettingsReader reader = reader(key, "x".repeat(length));

    ClusterSettings.read(reader, data);

    assertThat(reader.problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem)
                    .startsWith(key + " is 'x")
                    .endsWith("use at most " + longest + " characters"));
    SettingsReader still = reader(key, "x".repeat(longest));
    ClusterSettings.read(still, data);
    assertThat(still.problems()).isEmpty();
  }

  /** Whoever takes a setting has limits of its own: they must be no narrower than those here. */
  @ParameterizedTest
  @CsvSource({
    "dw.cluster.founding-nodes,   1,    255",
    "dw.cluster.silence,          1s,   5m",
    "dw.cluster.dead-after,       1s,   P7D",
    "dw.cluster.forget-after,     1m,   P365D",
    "dw.cluster.heartbeat,        50ms, 10s",
    "dw.cluster.brake.share,      0.01, 1",
    "dw.cluster.certificate.life, 1m,   P90D",
    "dw.cluster.join.timeout,     1ms,  24h",
  })
  void whatIsJustInRangeIsTakenByWhomItIsFor(String key, String least, String most) {
    for (String value : List.of(least, most)) {
      SettingsReader reader = reader(key, value);

      ClusterSettings settings = ClusterSettings.read(reader, data);

      assertThat(reader.problems()).isEmpty();
      assertThat(settings.timing().silence()).isEqualTo(settings.silence());
      assertThat(settings.health().heartbeat()).isEqualTo(settings.links().heartbeat());
      assertThat(tls(settings).life()).isEqualTo(settings.certificateLife());
      assertThat(raft(settings).bootstrapNodes()).isEqualTo(settings.foundingNodes());
      assertThat(join(settings).limit()).isEqualTo(settings.joinTimeout());
    }
  }

  private NodeTls.Options tls(ClusterSettings settings) {
    Clock clock = Clock.systemUTC();
    SecureRandom random = new SecureRandom();
    AuditLog audit = new AuditLog(clock, AuditLog.Options.standard());
    return new NodeTls.Options(
        settings.name(),
        new NodeId("a"),
        settings.certificateNames(),
        settings.certificateLife(),
        JoinTokens.open(
            new JoinTokens.Options(
                settings.tokenFile(), true, new MapSecrets(), random, clock, audit)),
        clock,
        random,
        new RecordingMetrics(),
        audit);
  }

  private RaftOptions raft(ClusterSettings settings) {
    return RaftOptions.of(
        new NodeId("a"),
        1,
        data,
        ClusterTransport.Options.of(new InetSocketAddress(settings.bind(), 7_900)),
        settings.foundingNodes());
  }

  private static JoinRequest join(ClusterSettings settings) {
    return new JoinRequest(
        settings.name(),
        NodeDescriptor.of(new NodeId("a"), settings.advertised(), "1", Instant.EPOCH),
        List.of(),
        settings.joinTimeout());
  }

  @ParameterizedTest
  @CsvSource({"static", "dns"})
  void nodesThatAreFoundAtPortsThatAreKnownNeedOne(String kind) {
    SettingsReader reader =
        reader(
            DISCOVERY,
            kind,
            DISCOVERY + ".nodes",
            "host-1",
            DISCOVERY + ".dns",
            "nodes.example",
            "dw.cluster.port",
            "0");

    ClusterSettings.read(reader, data);

    assertThat(reader.problems())
        .containsExactly("dw.cluster.port is '0': use a whole number from 1 to 65000");
  }

  @Test
  void tooManyLabelsAreToldWithTheirKey() {
    String labels =
        IntStream.range(0, 65).mapToObj(i -> "n" + i + "=v").collect(Collectors.joining(","));
    SettingsReader reader = reader("dw.node.labels", labels);

    ClusterSettings.read(reader, data);

    assertThat(reader.problems()).containsExactly("dw.node.labels holds 65 labels: use at most 64");
  }

  @Test
  void aBootTellsAllThatIsWrongAtOnce() {
    Map<String, String> wrong =
        Map.of(
            "dw.cluster.founding-nodes", "300",
            "dw.cluster.silence", "500ms",
            "dw.cluster.heartbeat", "20s",
            "dw.cluster.certificate.life", "10s",
            "dw.cluster.bind", "0.0.0.0",
            "dw.cluster.forget-after", "10s",
            "dw.node.weight", "0");
    Map<String, String> settings = new HashMap<>(wrong);
    settings.put("dw.cluster.enabled", "true");

    assertThatThrownBy(
            () ->
                Kernel.start(
                    new KernelOptions(
                        data, KernelConfig.of(settings), Clock.systemUTC(), Thread::new),
                    List.of(new FakeStoragePlugin())))
        .satisfies(
            e ->
                wrong.forEach(
                    (key, value) ->
                        assertThat(e.getMessage())
                            .containsOnlyOnce(key + " is '" + value + "': use ")));
  }

  @Test
  void nodeMayBeOneThatFoundsNothing() {
    SettingsReader reader = reader("dw.cluster.founding-nodes", "0");

    assertThat(ClusterSettings.read(reader, data).foundingNodes()).isZero();
    assertThat(reader.problems()).isEmpty();
  }

  @Test
  void nameServersCanBeNamed() {
    SettingsReader reader =
        reader(
            DISCOVERY,
            "dns",
            DISCOVERY + ".dns",
            "nodes.example",
            DISCOVERY + ".record",
            "srv",
            DISCOVERY + ".servers",
            "10.0.0.1, 10.0.0.2:5353");

    ClusterSettings settings = ClusterSettings.read(reader, data);

    assertThat(reader.problems()).isEmpty();
    assertThat(settings.discovery())
        .isEqualTo(new Discovery.Dns("nodes.example", "SRV", List.of("10.0.0.1", "10.0.0.2:5353")));
  }

  @Test
  void certificatesNameTheirNodeInTheOpenOnlyWhereThatIsAskedFor() {
    String key = "dw.cluster.certificate.names";
    SettingsReader wrong = reader(key, "hidden");

    assertThat(ClusterSettings.read(reader(), data).certificateNames())
        .isEqualTo(CertificateNames.SEALED);
    assertThat(ClusterSettings.read(reader(key, "open"), data).certificateNames())
        .isEqualTo(CertificateNames.OPEN);
    ClusterSettings.read(wrong, data);
    assertThat(wrong.problems()).containsExactly(key + " is 'hidden': use sealed or open");
  }
}
