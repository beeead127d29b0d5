package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Objects;

/**
 * Where a peer is reached. Immutable.
 *
 * @param node who it is
 * @param host its host name or address
 * @param port its port
 */
public record PeerAddress(NodeId node, String host, int port) {

  private static final int HIGHEST_PORT = 65_535;

  /** Checks; the error names the field. */
  public PeerAddress {
    Objects.requireNonNull(node, "node");
    if (host.isBlank()) {
      throw WarehouseException.invalid("host", host, "must not be empty");
    }
    if (port < 1 || port > HIGHEST_PORT) {
      throw WarehouseException.invalid("port", port, "use 1 to 65535");
    }
  }

  /**
   * Reads {@code host:port}; an IPv6 address may stand in brackets.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} where it is not of that form
   */
  public static PeerAddress of(NodeId node, String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    String host = colon < 0 ? "" : hostAndPort.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new PeerAddress(node, host, Integer.parseInt(hostAndPort.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw WarehouseException.invalid("address", hostAndPort, "use host:port");
    }
  }

  @Override
  public String toString() {
    return node + " at " + host + ":" + port;
  }
}
