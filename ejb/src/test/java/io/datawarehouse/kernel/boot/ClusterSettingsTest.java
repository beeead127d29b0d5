package io.datawarehouse.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.cluster.infinispan.Discovery;
import io.datawarehouse.kernel.config.KernelConfig;
import io.datawarehouse.kernel.trust.CertificateNames;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  @CsvSource({"-1", "256", "three"})
  void numberOfFoundersThatCannotBeIsTold(String number) {
    SettingsReader reader = reader("dw.cluster.founding-nodes", number);

    ClusterSettings.read(reader, data);

    assertThat(reader.problems())
        .singleElement()
        .asString()
        .startsWith("dw.cluster.founding-nodes is '" + number + "'");
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
