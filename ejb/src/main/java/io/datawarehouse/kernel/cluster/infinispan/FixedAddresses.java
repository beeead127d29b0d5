package io.datawarehouse.kernel.cluster.infinispan;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Addresses that somebody wrote down beforehand. Names are looked up at every reading, as their
 * addresses may change or not be there yet. Thread-safe.
 */
final class FixedAddresses implements AddressBook {

  private static final System.Logger LOG = System.getLogger(FixedAddresses.class.getName());

  private final List<String> hosts;
  private final int firstPort;
  private final int ports;
  private volatile boolean allKnown = true;

  /** Makes a book of places with a port, and of hosts without one for all ports of a range. */
  FixedAddresses(List<String> hosts, int firstPort, int ports) {
    this.hosts = List.copyOf(new LinkedHashSet<>(hosts));
    this.firstPort = firstPort;
    this.ports = ports;
  }

  @Override
  public void write(InetSocketAddress own) {
    // It is known beforehand, or it is not.
  }

  @Override
  public List<InetSocketAddress> read() {
    List<InetSocketAddress> addresses = new ArrayList<>();
    boolean all = true;
    for (String host : hosts) {
      HostAndPort parsed = HostAndPort.parse(host);
      try {
        for (InetAddress address : InetAddress.getAllByName(parsed.host())) {
          if (parsed.port() > 0) {
            addresses.add(new InetSocketAddress(address, parsed.port()));
          } else {
            for (int port = firstPort; port < firstPort + ports; port++) {
              addresses.add(new InetSocketAddress(address, port));
            }
          }
        }
      } catch (UnknownHostException e) {
        all = false;
        LOG.log(System.Logger.Level.DEBUG, "the host {0} is not known yet", parsed.host());
      }
    }
    allKnown = all;
    return addresses;
  }

  @Override
  public boolean remove(InetSocketAddress place) {
    // Others wrote it.
    return false;
  }

  @Override
  public boolean complete() {
    return allKnown;
  }

  @Override
  public void clear() {
    // Others wrote it.
  }
}
