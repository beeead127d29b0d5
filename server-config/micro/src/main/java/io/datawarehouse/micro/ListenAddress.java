package io.datawarehouse.micro;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Where the node listens: an address of this machine and a port. Immutable. */
record ListenAddress(String bind, int port) {

  static final String BIND_PROPERTY = "dw.bind";
  static final String PORT_PROPERTY = "dw.port";
  static final String DEFAULT_BIND = "127.0.0.1";
  static final int DEFAULT_PORT = 8080;

  private static final int HIGHEST_PORT = 65_535;

  ListenAddress {
    if (bind.isBlank() || !bind.equals(bind.strip())) {
      throw new StartFailure(BIND_PROPERTY + " is '" + bind + "': not an address");
    }
    if (port < 1 || port > HIGHEST_PORT) {
      throw badPort(Integer.toString(port));
    }
  }

  /**
   * Reads the system properties {@code dw.bind} and {@code dw.port}, else the environment's {@code
   * DW_BIND} and {@code DW_PORT}, else takes the defaults.
   */
  static ListenAddress from(Lookup systemProperties, Lookup environment) {
    String bind = Settings.firstOf(systemProperties, environment, BIND_PROPERTY, DEFAULT_BIND);
    String port =
        Settings.firstOf(
            systemProperties, environment, PORT_PROPERTY, Integer.toString(DEFAULT_PORT));
    return new ListenAddress(withoutBrackets(bind), parsePort(port));
  }

  /** Whether the address is an IPv6 literal. */
  boolean isIpv6() {
    return bind.indexOf(':') >= 0;
  }

  /** Fails when nobody can listen here now, with the reason in words. */
  void requireFree() {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(bind), port));
    } catch (IOException e) {
      throw new StartFailure("cannot listen on " + this + ": " + reasonOf(e), e);
    }
  }

  @Override
  public String toString() {
    return (isIpv6() ? "[" + bind + "]" : bind) + ":" + port;
  }

  private static String withoutBrackets(String address) {
    return address.startsWith("[") && address.endsWith("]")
        ? address.substring(1, address.length() - 1)
        : address;
  }

  private static int parsePort(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw badPort(text);
    }
  }

  private static StartFailure badPort(String text) {
    return new StartFailure(
        PORT_PROPERTY + " is '" + text + "': a number from 1 to " + HIGHEST_PORT + " is needed");
  }

  private static String reasonOf(IOException failure) {
    if (failure instanceof UnknownHostException) {
      return "no such address";
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
