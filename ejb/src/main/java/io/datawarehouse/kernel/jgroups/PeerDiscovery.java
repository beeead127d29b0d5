package io.datawarehouse.kernel.jgroups;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Responses;

/**
 * Looks for peers where a supplier says they may be. It is asked before every look, and names are
 * resolved anew each time, so that a node that comes back under another address is found.
 */
public final class PeerDiscovery extends TCPPING {

  private final Supplier<List<InetSocketAddress>> peers;

  /** Makes the discovery that asks there. */
  public PeerDiscovery(Supplier<List<InetSocketAddress>> peers) {
    this.peers = Objects.requireNonNull(peers, "peers");
    this.initial_hosts_set_programmatically = true;
    this.port_range = 0;
    // On the wire it is what it extends.
    this.id = ClassConfigurator.getProtocolId(TCPPING.class);
  }

  @Override
  public void findMembers(List<Address> members, boolean initialDiscovery, Responses responses) {
    initial_hosts = peers.get().stream().flatMap(PeerDiscovery::resolved).toList();
    super.findMembers(members, initialDiscovery, responses);
  }

  private static Stream<PhysicalAddress> resolved(InetSocketAddress peer) {
    InetSocketAddress found =
        peer.isUnresolved() ? new InetSocketAddress(peer.getHostString(), peer.getPort()) : peer;
    return found.isUnresolved()
        ? Stream.empty()
        : Stream.of(new IpAddress(found.getAddress(), found.getPort()));
  }
}
