package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
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
  private final long staleNanos;
  private final LongSupplier nanoTime;
  private final Map<InetSocketAddress, Long> missing = new ConcurrentHashMap<>();
  private volatile @Nullable InetSocketAddress written;
  private volatile int lonely;

  /**
   * Makes a discovery by that book.
   *
   * @param stale after how long an address where nobody is leaves the book
   */
  BookDiscovery(AddressBook book, Duration stale, LongSupplier nanoTime) {
    this.book = book;
    this.staleNanos = stale.toNanos();
    this.nanoTime = nanoTime;
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
    boolean seen = false;
    try {
      List<InetSocketAddress> places = lookUp();
      seen = true;
      initial_hosts = places.stream().<PhysicalAddress>map(IpAddress::new).distinct().toList();
      tidy(places);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "addresses of nodes cannot be read or written", e);
    }
    super.findMembers(members, initialDiscovery, responses);
    if (initialDiscovery) {
      lonely = !seen || othersAreKnown() || !book.complete() ? 0 : lonely + 1;
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

  /** Writes its own address before it reads, and again where somebody took it out. */
  private List<InetSocketAddress> lookUp() throws IOException {
    IpAddress self = (IpAddress) down(new Event(Event.GET_PHYSICAL_ADDRESS, local_addr));
    if (self == null) {
      return book.read();
    }
    InetSocketAddress address = new InetSocketAddress(self.getIpAddress(), self.getPort());
    if (!address.equals(written)) {
      book.write(address);
      written = address;
    }
    List<InetSocketAddress> places = book.read();
    if (book.complete() && !places.contains(address)) {
      book.write(address);
    }
    return places;
  }

  /**
   * Takes out what killed nodes left behind: addresses at which no member has been for long. One
   * node does so, the coordinator; members of a part that was cut off write theirs again.
   */
  private void tidy(List<InetSocketAddress> places) throws IOException {
    if (!is_coord) {
      missing.clear();
      return;
    }
    Set<InetSocketAddress> members = new HashSet<>();
    for (Address member : view.getMembersRaw()) {
      if (down(new Event(Event.GET_PHYSICAL_ADDRESS, member)) instanceof IpAddress ip) {
        members.add(new InetSocketAddress(ip.getIpAddress(), ip.getPort()));
      }
    }
    missing.keySet().removeIf(place -> members.contains(place) || !places.contains(place));
    long now = nanoTime.getAsLong();
    for (InetSocketAddress place : places) {
      if (!members.contains(place)
          && now - missing.computeIfAbsent(place, found -> now) > staleNanos) {
        missing.remove(place);
        remove(place);
      }
    }
  }

  private void remove(InetSocketAddress place) throws IOException {
    if (book.remove(place)) {
      LOG.log(
          System.Logger.Level.INFO,
          "nobody has been at {0} for {1}: the address is taken out from where nodes find each"
              + " other",
          place,
          Duration.ofNanos(staleNanos));
    }
  }

  @Override
  public void stop() {
    super.stop();
    try {
      written = null;
      book.clear();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "this node's address stays where others find it", e);
    }
  }
}
