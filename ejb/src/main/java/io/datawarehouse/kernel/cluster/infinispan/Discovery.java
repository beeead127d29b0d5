package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.error.WarehouseException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * How a node finds the others. Whatever is found is only an address to ask: who lives there says so
 * itself, so that stale addresses cost a refused connection and nothing else. Immutable.
 */
public sealed interface Discovery {

  /**
   * Addresses that are known beforehand; those of the join request are added.
   *
   * @param hosts each {@code name:port}, or a name alone for the ports of this node's own range
   */
  record Addresses(List<String> hosts) implements Discovery {
    /** Checks and copies; the error names the field. */
    public Addresses {
      hosts = List.copyOf(hosts);
      hosts.forEach(host -> HostAndPort.parse("nodes", host));
    }
  }

  /**
   * A directory that all nodes can write: each keeps a small file with its address there. The way
   * of a cluster on one machine.
   *
   * @param path where; made if it is not there
   */
  record Directory(Path path) implements Discovery {
    /** Checks that nothing is missing. */
    public Directory {
      Objects.requireNonNull(path, "path");
    }
  }

  /**
   * Questions by IP multicast, sealed with the join token; all else goes over the nodes' own
   * connections.
   *
   * @param group the group
   * @param port its port
   * @param timeToLive how many routers a question may pass, 0 to 255
   */
  record Multicast(InetAddress group, int port, int timeToLive) implements Discovery {
    /** Checks; the error names the field. */
    public Multicast {
      if (!group.isMulticastAddress()) {
        throw WarehouseException.invalid("group", group, "use an address for multicast");
      }
      if (port < 1 || port > 65_535) {
        throw WarehouseException.invalid("port", port, "use 1 to 65535");
      }
      if (timeToLive < 0 || timeToLive > 255) {
        throw WarehouseException.invalid("timeToLive", timeToLive, "use 0 to 255");
      }
    }
  }

  /**
   * A name that stands for all nodes, such as a headless service of Kubernetes. Nodes are asked on
   * the ports of this node's own range, or on those of the service records.
   *
   * @param name the name
   * @param record {@code A}, {@code AAAA} or {@code SRV}
   * @param servers the name servers to ask, each {@code address:port} or an address alone; none for
   *     the machine's own
   */
  record Dns(String name, String record, List<String> servers) implements Discovery {
    /** Checks and copies; the error names the field. */
    public Dns {
      servers = List.copyOf(servers);
      servers.forEach(server -> HostAndPort.parse("servers", server));
      if (name.isBlank()) {
        throw WarehouseException.invalid("name", name, "must not be empty");
      }
      if (!List.of("A", "AAAA", "SRV").contains(record)) {
        throw WarehouseException.invalid("record", record, "use A, AAAA or SRV");
      }
    }
  }

  /**
   * A table in a database that all nodes reach: each keeps one row with its address there.
   *
   * @param source where connections come from
   * @param table the table's name; made if it is not there
   */
  record Database(DataSource source, String table) implements Discovery {

    private static final Pattern TABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");

    /** Checks; the error names the field. */
    public Database {
      Objects.requireNonNull(source, "source");
      if (!TABLE.matcher(table).matches()) {
        throw WarehouseException.invalid(
            "table", table, "use 1 to 63 letters, digits and '_', a letter first");
      }
    }
  }
}
