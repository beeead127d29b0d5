package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.trust.SealedNotes;
import io.datawarehouse.sdk.metric.Metrics;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a group who is there, by datagrams that only nodes of the cluster can read, and remembers
 * for a minute who said where it is: whoever asks says it as well as whoever answers. An answer
 * goes to the one who asked and is as long as the question, so that nobody can be flooded by it.
 * Thread-safe.
 */
final class MulticastBook implements AddressBook {

  /** How long a question waits for answers. */
  static final Duration PATIENCE = Duration.ofMillis(150);

  /** How long to wait after a failure. */
  private static final long REST = 100_000_000;

  private static final System.Logger LOG = System.getLogger(MulticastBook.class.getName());
  private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int MOST_ADDRESSES = 1_000;
  private static final int V6_BYTES = 16;
  private static final byte QUESTION = 1;
  private static final byte ANSWER = 2;

  private final Discovery.Multicast multicast;
  private final InetAddress bind;
  private final SealedNotes notes;
  private final ThreadFactory threads;
  private final LongSupplier nanoTime;
  private final Metrics.Counter strange;
  private final Semaphore news = new Semaphore(0);
  private final AtomicBoolean warned = new AtomicBoolean();

  // Guarded by this, as all below: when an address was said for the last time, oldest first.
  private final Map<InetSocketAddress, Long> heard = new LinkedHashMap<>();
  private @Nullable InetSocketAddress own;
  private @Nullable Ears ears;

  /** The sockets while it listens: one of the group, one of this node's alone. */
  private record Ears(MulticastSocket group, DatagramSocket direct) implements AutoCloseable {
    @Override
    public void close() {
      group.close();
      direct.close();
    }
  }

  MulticastBook(
      Discovery.Multicast multicast, InetAddress bind, SealedNotes notes, Surroundings around) {
    this.multicast = multicast;
    this.bind = bind;
    this.notes = notes;
    this.threads = around.threads();
    this.nanoTime = around.nanoTime();
    this.strange =
        around
            .metrics()
            .counter(
                "cluster.discovery.strange",
                "Datagrams in the group for discovery that no node of this cluster sent",
                Map.of());
  }

  @Override
  public synchronized void write(InetSocketAddress address) throws IOException {
    listening();
    own = address;
  }

  @Override
  public List<InetSocketAddress> read() throws IOException {
    ask();
    long until = nanoTime.getAsLong() + PATIENCE.toNanos();
    try {
      for (long left = PATIENCE.toNanos(); left > 0; left = until - nanoTime.getAsLong()) {
        if (news.tryAcquire(left, TimeUnit.NANOSECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return known();
  }

  private synchronized List<InetSocketAddress> known() {
    long now = nanoTime.getAsLong();
    heard.values().removeIf(at -> now - at > REMEMBERED_NANOS);
    List<InetSocketAddress> addresses = new ArrayList<>(heard.keySet());
    if (own != null && !addresses.contains(own)) {
      addresses.add(own);
    }
    return addresses;
  }

  /** A datagram may get lost, and somebody may come in the meantime. */
  @Override
  public boolean complete() {
    return false;
  }

  @Override
  public boolean remove(InetSocketAddress place) {
    // Who is silent is forgotten by itself.
    return false;
  }

  @Override
  public synchronized void clear() {
    own = null;
    heard.clear();
    if (ears != null) {
      ears.close();
      ears = null;
    }
  }

  // ---- asking and answering --------------------------------------------------------------------

  private void ask() throws IOException {
    Ears listening;
    Optional<byte[]> question;
    synchronized (this) {
      listening = listening();
      question = Optional.ofNullable(own).map(place -> note(QUESTION, place));
    }
    if (question.isPresent()) {
      byte[] bytes = question.get();
      listening
          .direct()
          .send(new DatagramPacket(bytes, bytes.length, multicast.group(), multicast.port()));
    }
  }

  private Ears listening() throws IOException {
    Ears present = ears;
    if (present == null) {
      present = open();
      ears = present;
      MulticastSocket group = present.group();
      DatagramSocket direct = present.direct();
      threads.newThread(() -> listen(group, direct)).start();
      threads.newThread(() -> listen(direct, direct)).start();
    }
    return present;
  }

  private Ears open() throws IOException {
    NetworkInterface network = NetworkInterface.getByInetAddress(bind);
    if (network == null) {
      throw new IOException("no network interface has the address " + bind.getHostAddress());
    }
    DatagramSocket direct = new DatagramSocket(new InetSocketAddress(bind, 0));
    try {
      direct.setOption(StandardSocketOptions.IP_MULTICAST_IF, network);
      direct.setOption(StandardSocketOptions.IP_MULTICAST_TTL, multicast.timeToLive());
      direct.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      MulticastSocket group = new MulticastSocket(multicast.port());
      try {
        group.joinGroup(new InetSocketAddress(multicast.group(), multicast.port()), network);
        return new Ears(group, direct);
      } catch (IOException e) {
        group.close();
        throw e;
      }
    } catch (IOException e) {
      direct.close();
      throw e;
    }
  }

  private void listen(DatagramSocket socket, DatagramSocket direct) {
    byte[] buffer = new byte[SealedNotes.LONGEST_SEALED + 1];
    boolean told = false;
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        receive(packet, direct);
      } catch (IOException | RuntimeException e) {
        if (!socket.isClosed()) {
          LOG.log(
              told ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
              "a datagram was not taken or not answered",
              e);
          told = true;
          // A socket that fails at once each time must not take a processor.
          LockSupport.parkNanos(REST);
        }
      }
    }
  }

  private void receive(DatagramPacket packet, DatagramSocket direct) throws IOException {
    Optional<byte[]> note = notes.open(Arrays.copyOf(packet.getData(), packet.getLength()));
    Optional<InetSocketAddress> place = note.flatMap(MulticastBook::placeIn);
    if (note.isEmpty() || place.isEmpty()) {
      strange.increment();
      warnOnce(packet);
      return;
    }
    Optional<byte[]> answer = heard(place.get(), note.get()[0] == QUESTION);
    if (answer.isPresent()) {
      byte[] bytes = answer.get();
      direct.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
    }
  }

  private void warnOnce(DatagramPacket packet) {
    if (warned.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} sends to the group for discovery what this node cannot read: another cluster,"
              + " another join token, or a clock that is off; not told again",
          packet.getSocketAddress());
    }
  }

  /** Remembers an address; returns what is to be said to that, if anything. */
  private synchronized Optional<byte[]> heard(InetSocketAddress place, boolean asks) {
    InetSocketAddress self = own;
    if (self == null || place.equals(self)) {
      return Optional.empty();
    }
    heard.remove(place);
    if (heard.size() < MOST_ADDRESSES) {
      heard.put(place, nanoTime.getAsLong());
    }
    news.release();
    return asks ? Optional.of(note(ANSWER, self)) : Optional.empty();
  }

  // ---- notes -----------------------------------------------------------------------------------

  /** All notes have the same length: kind, port, length of the address, address. */
  private byte[] note(byte kind, InetSocketAddress place) {
    byte[] address = place.getAddress().getAddress();
    return notes.seal(
        ByteBuffer.allocate(2 + Short.BYTES + V6_BYTES)
            .put(kind)
            .putShort((short) place.getPort())
            .put((byte) address.length)
            .put(address)
            .array());
  }

  private static Optional<InetSocketAddress> placeIn(byte[] note) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(note);
      byte kind = buffer.get();
      int port = Short.toUnsignedInt(buffer.getShort());
      byte[] address = new byte[Math.min(V6_BYTES, Byte.toUnsignedInt(buffer.get()))];
      buffer.get(address);
      return kind == QUESTION || kind == ANSWER
          ? Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port))
          : Optional.empty();
    } catch (BufferUnderflowException | UnknownHostException e) {
      return Optional.empty();
    }
  }
}
