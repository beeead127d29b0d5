package io.datawarehouse.kernel.boot;

import io.datawarehouse.kernel.cluster.SingleNodeOffice;
import io.datawarehouse.kernel.cluster.infinispan.ClusterOptions;
import io.datawarehouse.kernel.cluster.infinispan.ClusterOptions.Timing;
import io.datawarehouse.kernel.cluster.infinispan.Discovery;
import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.detector.HealthSettings;
import io.datawarehouse.kernel.peer.grpc.GrpcPeerNetwork;
import io.datawarehouse.kernel.resilience.smallrye.SmallRyePeerGuard;
import io.datawarehouse.kernel.trust.CertificateNames;
import io.datawarehouse.kernel.trust.NodeTls;
import io.datawarehouse.sdk.resilience.CircuitBreakerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a node that belongs to a cluster. Immutable.
 *
 * @param name the cluster's name
 * @param bind the address of this machine that other nodes reach
 * @param advertised where clients reach this node, {@code host:port}
 * @param membershipPort the first port that membership tries, 0 for any
 * @param coordinationPort the port of the coordinator
 * @param busPort the port of the bus
 * @param discovery how the others are found
 * @param plain whether connections between nodes are plain text, which must be asked for by name
 * @param tokenFile where the join token is
 * @param foundingNodes how many nodes found the cluster; 0 where this one joins one that is there
 * @param place where this node stands
 * @param joinTimeout how long joining may take
 * @param agreementTimeout how long one agreement may take
 * @param silence how long a member may be silent before the others leave it out of their view
 * @param deadAfter how long a member that vanished is SUSPECT before it is DEAD
 * @param forgetAfter how long one that left or died is remembered
 * @param heartbeat how often a node says that it is alive
 * @param brakeShare when more than this share of all nodes looks dead at once nobody is removed
 * @param certificateLife how long a node's certificate is good
 * @param certificateNames how it names the node
 * @param rebalanceBytesPerSecond how fast a node sends what moves to others; 0 for any rate
 * @param rebalanceGrace how long copies stay after what they are of has moved
 * @param contents how many contents may be on their way from this node to others, and from others
 *     to handlers here, at the same time
 * @param guard when circuits to other nodes open, and how much may be under way
 */
record ClusterSettings(
    String name,
    InetAddress bind,
    String advertised,
    int membershipPort,
    NodePort coordinationPort,
    NodePort busPort,
    Discovery discovery,
    boolean plain,
    Path tokenFile,
    int foundingNodes,
    NodePlace place,
    Duration joinTimeout,
    Duration agreementTimeout,
    Duration silence,
    Duration deadAfter,
    Duration forgetAfter,
    Duration heartbeat,
    double brakeShare,
    Duration certificateLife,
    CertificateNames certificateNames,
    long rebalanceBytesPerSecond,
    Duration rebalanceGrace,
    int contents,
    SmallRyePeerGuard.Settings guard) {

  static final String ENABLED = "dw.cluster.enabled";

  private static final String DISCOVERY = "dw.cluster.discovery";
  private static final int LONGEST_NAME = 100;

  /** A pause of the collector must not cut links, however often they beat. */
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(1);

  /**
   * Reads the settings; what is wrong becomes a problem of the reader.
   *
   * @param data the node's data directory
   */
  static ClusterSettings read(SettingsReader reader, Path data) {
    InetAddress bind = bind(reader);
    String kind = reader.find(DISCOVERY).orElse("directory");
    boolean fixedPorts = !kind.equals("directory") && !kind.equals("jdbc");
    int leastPort = kind.equals("static") || kind.equals("dns") ? 1 : 0;
    int firstPort =
        reader.integer(
            "dw.cluster.port", fixedPorts ? ClusterOptions.FIRST_PORT : 0, leastPort, 65_000);
    return new ClusterSettings(
        reader.text("dw.cluster.name", SingleNodeOffice.DEFAULT_NAME, LONGEST_NAME),
        bind,
        advertised(reader, bind),
        firstPort,
        port(reader, "dw.cluster.raft.port", firstPort == 0 ? 0 : firstPort + 100),
        port(reader, "dw.cluster.bus.port", firstPort == 0 ? 0 : firstPort + 200),
        discovery(reader, kind, data),
        plain(reader),
        reader
            .find("dw.cluster.join.token.file")
            .map(Path::of)
            .map(Path::toAbsolutePath)
            .orElse(data.resolve("secrets").resolve("join.token")),
        reader.integer("dw.cluster.founding-nodes", 1, 0, Group.MOST_FOUNDERS),
        NodePlace.read(reader),
        reader.limit("dw.cluster.join.timeout", Duration.ofSeconds(60)),
        reader.limit("dw.cluster.agreement.timeout", Duration.ofSeconds(5)),
        reader.period(
            "dw.cluster.silence",
            Duration.ofSeconds(6),
            Timing.SHORTEST_SILENCE,
            Timing.LONGEST_SILENCE),
        reader.period(
            "dw.cluster.dead-after",
            Duration.ofSeconds(30),
            Timing.SOONEST_DEAD,
            Timing.LATEST_DEAD),
        reader.period(
            "dw.cluster.forget-after",
            Duration.ofHours(24),
            Timing.SHORTEST_MEMORY,
            Timing.LONGEST_MEMORY),
        reader.period(
            "dw.cluster.heartbeat",
            Duration.ofMillis(500),
            HealthSettings.SHORTEST_HEARTBEAT,
            HealthSettings.LONGEST_HEARTBEAT),
        number(reader, "dw.cluster.brake.share", 0.5, 0.01, 1),
        reader.period(
            "dw.cluster.certificate.life",
            NodeTls.STANDARD_LIFE,
            NodeTls.SHORTEST_LIFE,
            NodeTls.LONGEST_LIFE),
        certificateNames(reader),
        reader.bytes("dw.rebalance.bytes-per-second", 64L << 20, 0, Long.MAX_VALUE),
        reader.limit("dw.rebalance.grace", Duration.ofMinutes(10)),
        reader.integer("dw.cluster.contents", 512, 1, 100_000),
        new SmallRyePeerGuard.Settings(
            new CircuitBreakerSettings(
                reader.integer("dw.cluster.breaker.failures", 5, 1, 10_000),
                reader.limit("dw.cluster.breaker.open", Duration.ofSeconds(30)),
                reader.integer("dw.cluster.breaker.probes", 1, 1, 1_000)),
            reader.integer("dw.cluster.bulkhead.concurrency", 4_096, 1, 1_000_000)));
  }

  private static String ownAddress(SettingsReader reader) {
    String bind = reader.find("dw.bind").orElse("127.0.0.1");
    return bind.equals("0.0.0.0") || bind.equals("::") ? "127.0.0.1" : bind;
  }

  private static InetAddress address(SettingsReader reader, String name, String otherwise) {
    String text = reader.find(name).orElse(otherwise);
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      reader.problem(name + " is '" + text + "': use an address or a host name that is known");
      return InetAddress.getLoopbackAddress();
    }
  }

  private static InetAddress bind(SettingsReader reader) {
    String key = "dw.cluster.bind";
    InetAddress bind = address(reader, key, ownAddress(reader));
    if (bind.isAnyLocalAddress() || bind.isMulticastAddress()) {
      reader.problem(
          key
              + " is '"
              + bind.getHostAddress()
              + "': use the one address of this machine that other nodes reach");
      return InetAddress.getLoopbackAddress();
    }
    return bind;
  }

  private static String advertised(SettingsReader reader, InetAddress bind) {
    String port = reader.find("dw.port").orElse("8080");
    return reader.text("dw.node.address", hostOf(bind) + ":" + port, NodePlace.LONGEST_TEXT);
  }

  /** Returns an address as it stands before a port. */
  static String hostOf(InetAddress address) {
    String host = address.getHostAddress();
    return host.contains(":") ? "[" + host + "]" : host;
  }

  private static boolean plain(SettingsReader reader) {
    String transport = reader.find("dw.cluster.transport").orElse("tls");
    if (!transport.equals("tls") && !transport.equals("plain")) {
      reader.problem("dw.cluster.transport is '" + transport + "': use tls or plain");
    }
    return transport.equals("plain");
  }

  private static CertificateNames certificateNames(SettingsReader reader) {
    String names = reader.find("dw.cluster.certificate.names").orElse("sealed");
    if (!names.equals("sealed") && !names.equals("open")) {
      reader.problem("dw.cluster.certificate.names is '" + names + "': use sealed or open");
    }
    return names.equals("open") ? CertificateNames.OPEN : CertificateNames.SEALED;
  }

  private static Discovery discovery(SettingsReader reader, String kind, Path data) {
    Discovery none =
        new Discovery.Directory(
            reader
                .find("dw.cluster.discovery.directory")
                .map(Path::of)
                .map(Path::toAbsolutePath)
                .orElse(data.resolve("cluster")));
    List<String> nodes = list(reader.find("dw.cluster.discovery.nodes").orElse(""));
    String group = reader.find("dw.cluster.discovery.group").orElse("239.80.20.26");
    int port = reader.integer("dw.cluster.discovery.port", 46_655, 1, 65_535);
    int hops = reader.integer("dw.cluster.discovery.hops", 1, 0, 255);
    Optional<String> name = reader.find("dw.cluster.discovery.dns");
    String record = reader.find("dw.cluster.discovery.record").orElse("A");
    List<String> servers = list(reader.find("dw.cluster.discovery.servers").orElse(""));
    Optional<String> source = reader.find("dw.cluster.discovery.source");
    String table = reader.find("dw.cluster.discovery.table").orElse("dw_nodes");
    try {
      return switch (kind) {
        case "directory" -> none;
        case "static" -> {
          if (nodes.isEmpty()) {
            reader.problem(
                DISCOVERY + " is 'static', so dw.cluster.discovery.nodes must list them");
          }
          yield new Discovery.Addresses(nodes);
        }
        case "multicast" ->
            new Discovery.Multicast(
                address(reader, "dw.cluster.discovery.group", group), port, hops);
        case "dns" -> {
          if (name.isEmpty()) {
            reader.problem(DISCOVERY + " is 'dns', so dw.cluster.discovery.dns must name it");
          }
          yield new Discovery.Dns(
              name.orElse("none.invalid"), record.toUpperCase(Locale.ROOT), servers);
        }
        case "jdbc" -> {
          if (source.isEmpty()) {
            reader.problem(
                DISCOVERY + " is 'jdbc', so dw.cluster.discovery.source must name a data source");
          }
          DataSource found = source.map(jndi -> dataSource(reader, jndi)).orElse(null);
          yield found == null ? none : new Discovery.Database(found, table);
        }
        default -> {
          reader.problem(
              DISCOVERY + " is '" + kind + "': use directory, static, multicast, dns or jdbc");
          yield none;
        }
      };
    } catch (io.datawarehouse.sdk.error.WarehouseException e) {
      // It begins with the field, which is the last part of the key.
      reader.problem(DISCOVERY + "." + e.detail());
      return none;
    }
  }

  /** The name comes from the operator's own configuration, never from a request. */
  @SuppressWarnings("BanJNDI")
  private static @Nullable DataSource dataSource(SettingsReader reader, String jndi) {
    try {
      return (DataSource) new InitialContext().lookup(jndi);
    } catch (NamingException | ClassCastException e) {
      reader.problem("dw.cluster.discovery.source is '" + jndi + "': there is no such data source");
      return null;
    }
  }

  static double number(
      SettingsReader reader, String name, double otherwise, double least, double most) {
    Optional<String> text = reader.find(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      double value = Double.parseDouble(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number that is out of range.
    }
    reader.problem(name + " is '" + text.get() + "': use a number from " + least + " to " + most);
    return otherwise;
  }

  private static NodePort port(SettingsReader reader, String name, int usual) {
    return new NodePort(reader.integer(name, usual, 0, 65_535), reader.find(name).isPresent());
  }

  static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /** Returns the settings of the membership. */
  Timing timing() {
    Timing standard = Timing.standard();
    return new Timing(
        silence,
        standard.verify(),
        standard.search(),
        standard.merge(),
        deadAfter,
        forgetAfter,
        standard.audit());
  }

  /** Returns by what nodes are judged. */
  HealthSettings health() {
    return HealthSettings.with(heartbeat, brakeShare);
  }

  /** Links beat as often as the health monitor expects; the limit of silence goes with that. */
  GrpcPeerNetwork.Settings links() {
    Duration limit = GrpcPeerNetwork.Settings.silenceFor(heartbeat);
    return GrpcPeerNetwork.Settings.defaults()
        .withHeartbeat(heartbeat, limit.compareTo(LEAST_SILENCE) < 0 ? LEAST_SILENCE : limit);
  }
}
