package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.error.WarehouseException;

/**
 * A host and a port, as people write them: {@code host}, {@code host:port}, {@code [v6]:port}.
 * Immutable.
 *
 * @param host the name or address, without brackets
 * @param port the port, 0 where none is given
 */
record HostAndPort(String host, int port) {

  static HostAndPort parse(String text) {
    return parse("address", text);
  }

  /** Reads a place; the error names the field. */
  static HostAndPort parse(String field, String text) {
    String place = text.strip();
    int bracket = place.lastIndexOf(']');
    int colon = place.lastIndexOf(':');
    boolean bareV6 = bracket < 0 && place.indexOf(':') != colon;
    boolean hasPort = colon > bracket && !bareV6;
    String host = hasPort ? place.substring(0, colon) : place;
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = hasPort ? parsePort(field, text, place.substring(colon + 1)) : 0;
    if (host.isEmpty()) {
      throw WarehouseException.invalid(field, text, "use host or host:port");
    }
    return new HostAndPort(host, port);
  }

  private static int parsePort(String field, String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw WarehouseException.invalid(field, text, "use host or host:port");
    }
    throw WarehouseException.invalid(field, text, "use a port from 1 to 65535");
  }
}
