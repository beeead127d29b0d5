package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Responses;
import org.jspecify.annotations.Nullable;

/**
 * Asks at every address of an {@link AddressBook} who is there. Only answers count: an address that
 * a killed node left behind is never taken for a member, as it is where addresses and members are
 * kept in one place.
 *
 * <p>A node writes its address before it reads, so that of two that start at the same moment at
 * least one sees the other; one that sees nobody's address but its own twice in a row need not wait
 * for answers.
 */
public final class BookDiscovery extends TCPPING {

  /** In how many searches in a row the book has to be empty but for this node. */
  private static final int LONELY_SEARCHES = 2;

  private static final System.Logger LOG = System.getLogger(BookDiscovery.class.getName());

  private static final short ID = 7_410;

  static {
    ClassConfigurator.addProtocol(ID, BookDiscovery.class);
  }

  private final AddressBook book;
  private volatile @Nullable InetSocketAddress written;
  private volatile int lonely;

  /** Makes a discovery by that book. */
  BookDiscovery(AddressBook book) {
    this.book = book;
    this.id = ID;
    this.initial_hosts_set_programmatically = true;
  }

  /**
   * Passes on, where this node coordinates, what it knows of the addresses of those who came: they
   * were asked for by one member, and the others need not find them in the book.
   */
  @Override
  public Object down(Event event) {
    View before = view;
    Object answer = super.down(event);
    if (event.getType() == Event.VIEW_CHANGE && is_coord) {
      startCacheDissemination(
          new ArrayList<>(view.getMembers()),
          View.leftMembers(before, view),
          View.newMembers(before, view));
    }
    return answer;
  }

  /** Addresses come and go, and every port will do. */
  @Override
  public boolean isDynamic() {
    return true;
  }

  @Override
  public void findMembers(
      @Nullable List<Address> members, boolean initialDiscovery, Responses responses) {
    try {
      writeOwn();
      initial_hosts = book.read().stream().<PhysicalAddress>map(IpAddress::new).distinct().toList();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "addresses of nodes cannot be read or written", e);
    }
    super.findMembers(members, initialDiscovery, responses);
    if (initialDiscovery) {
      lonely = othersAreKnown() ? 0 : lonely + 1;
      if (lonely >= LONELY_SEARCHES) {
        lonely = 0;
        responses.done();
      }
    }
  }

  private boolean othersAreKnown() {
    InetSocketAddress own = written;
    return own == null || initial_hosts.stream().anyMatch(host -> !isAt(host, own));
  }

  private static boolean isAt(PhysicalAddress host, InetSocketAddress place) {
    return host instanceof IpAddress ip
        && ip.getPort() == place.getPort()
        && ip.getIpAddress().equals(place.getAddress());
  }

  private void writeOwn() throws IOException {
    IpAddress own = (IpAddress) down(new Event(Event.GET_PHYSICAL_ADDRESS, local_addr));
    if (own == null) {
      return;
    }
    InetSocketAddress address = new InetSocketAddress(own.getIpAddress(), own.getPort());
    if (!address.equals(written) || !book.read().contains(address)) {
      book.write(address);
      written = address;
    }
  }

  @Override
  public void stop() {
    super.stop();
    try {
      if (written != null) {
        written = null;
        book.clear();
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "this node's address stays where others find it", e);
    }
  }
}
