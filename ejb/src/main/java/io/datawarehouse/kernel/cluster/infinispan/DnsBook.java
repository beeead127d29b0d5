package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Addresses that a name stands for, looked up at every reading. A name that is not there stands for
 * nobody; a server that does not answer is a failure. Thread-safe.
 */
final class DnsBook implements AddressBook {

  private final Discovery.Dns dns;
  private final NameServers servers;
  private final int firstPort;
  private final int ports;

  /** Makes a book of that name, with the ports of this node's own range where it has none. */
  DnsBook(Discovery.Dns dns, NameServers servers, int firstPort, int ports) {
    this.dns = dns;
    this.servers = servers;
    this.firstPort = firstPort;
    this.ports = ports;
  }

  @Override
  public void write(InetSocketAddress own) {
    // Whoever runs the name servers wrote it.
  }

  @Override
  public List<InetSocketAddress> read() throws IOException {
    Set<InetSocketAddress> places = new LinkedHashSet<>();
    if (dns.record().equals("SRV")) {
      for (NameServers.Service service : servers.services(dns.name())) {
        add(places, servers.addresses(service.host(), NameServers.Family.ANY), service.port());
      }
    } else {
      NameServers.Family family =
          dns.record().equals("AAAA") ? NameServers.Family.V6 : NameServers.Family.V4;
      add(places, servers.addresses(dns.name(), family), 0);
    }
    return new ArrayList<>(places);
  }

  private void add(Set<InetSocketAddress> places, List<InetAddress> addresses, int port) {
    for (InetAddress address : addresses) {
      int last = port > 0 ? port : firstPort + ports - 1;
      for (int each = port > 0 ? port : firstPort; each <= last; each++) {
        places.add(new InetSocketAddress(address, each));
      }
    }
  }

  /** A name may not stand yet for all that are there. */
  @Override
  public boolean complete() {
    return false;
  }

  @Override
  public boolean remove(InetSocketAddress place) {
    // Others wrote it.
    return false;
  }

  @Override
  public void clear() {
    // Others wrote it.
  }
}
