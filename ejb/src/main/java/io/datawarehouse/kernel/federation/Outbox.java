package io.datawarehouse.kernel.federation;

import io.datawarehouse.kernel.peer.FrameCodec;
import io.datawarehouse.kernel.peer.MalformedFrame;
import io.datawarehouse.kernel.peer.PeerFrame;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.PayloadCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Durable events that not all nodes have taken, on disk and in memory, each with a number that
 * grows, also over restarts. Bounded; thread-safe.
 */
final class Outbox {

  /** How many events may wait, as a rule. */
  static final int MOST_EVENTS = 10_000;

  /** How many bytes of events may wait, as a rule. */
  static final long MOST_BYTES = 64L << 20;

  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());
  private static final String EVENT = "out.";
  private static final String NEXT = "next";
  private static final int FORM = 1;
  private static final int LONGEST = (1 << 20) - 1024;
  private static final long BLOCK = 1L << 20;

  /** One event that waits. Its targets become fewer. */
  static final class Entry {

    final long number;
    final Message event;
    final int bytes;
    private final Set<NodeId> targets = ConcurrentHashMap.newKeySet();

    private Entry(long number, Message event, int bytes, Collection<NodeId> targets) {
      this.number = number;
      this.event = event;
      this.bytes = bytes;
      this.targets.addAll(targets);
    }

    /** Returns the nodes that have not taken it. */
    Set<NodeId> targets() {
      return Set.copyOf(targets);
    }
  }

  private final KernelStorage storage;
  private final FrameCodec codec;
  private final Clock clock;
  private final int mostEvents;
  private final long mostBytes;
  private final ConcurrentSkipListMap<Long, Entry> entries = new ConcurrentSkipListMap<>();

  /** The numbers of what waits for each node. */
  private final Map<NodeId, ConcurrentSkipListSet<Long>> waiting = new ConcurrentHashMap<>();

  /** Numbers that were given out and that not all who send them have yet. */
  private final ConcurrentSkipListSet<Long> beingWritten = new ConcurrentSkipListSet<>();

  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Object numbering = new Object();

  // Guarded by numbering.
  private long next;
  private long reserved;

  /** Opens what an earlier run left. */
  Outbox(
      KernelStorage storage,
      PayloadCodec payloads,
      Clock clock,
      long incarnation,
      int mostEvents,
      long mostBytes) {
    this.storage = storage;
    this.codec = new FrameCodec(payloads, clock);
    this.clock = clock;
    this.mostEvents = mostEvents;
    this.mostBytes = mostBytes;
    this.next = Math.max(incarnation << 20, storage.get(NEXT).map(Outbox::number).orElse(1L));
    reserve();
    storage.keys(EVENT).forEach(this::load);
  }

  private static long number(Bytes bytes) {
    return bytes.asByteBuffer().getLong();
  }

  /** Writes ahead up to which number may be given out, so that none is given out twice. */
  private void reserve() {
    reserved = next + BLOCK;
    storage.put(NEXT, Bytes.copyOf(ByteBuffer.allocate(Long.BYTES).putLong(reserved).array()));
  }

  private long nextNumber() {
    synchronized (numbering) {
      if (next == reserved) {
        reserve();
      }
      beingWritten.add(next);
      return next++;
    }
  }

  /**
   * Keeps an event until all targets have taken it; it is on disk when this returns. Its number
   * counts as being written until {@link #handedOut} is called.
   *
   * @throws WarehouseException {@code BULKHEAD_FULL}, {@code TOO_LARGE}, or what the disk says
   */
  Entry add(Message event, Collection<NodeId> targets) {
    if (count.incrementAndGet() > mostEvents) {
      count.decrementAndGet();
      throw full(mostEvents + " durable events");
    }
    boolean added = false;
    long number = nextNumber();
    int size = 0;
    try {
      byte[] stored = write(number, event, targets);
      size = stored.length;
      if (size > LONGEST) {
        throw FederationErrors.tooLong(event, size, LONGEST);
      }
      if (bytes.addAndGet(size) > mostBytes) {
        throw full(mostBytes + " bytes of durable events");
      }
      storage.put(key(number), Bytes.copyOf(stored));
      Entry entry = new Entry(number, event, size, targets);
      hold(entry);
      added = true;
      return entry;
    } finally {
      if (!added) {
        beingWritten.remove(number);
        count.decrementAndGet();
        if (size > 0 && size <= LONGEST) {
          bytes.addAndGet(-size);
        }
      }
    }
  }

  /**
   * Keeps an event like {@link #add(Message, Collection)}; while there is no place, room is made.
   *
   * @param room gives up events that wait; false where there is none that may be given up
   */
  Entry add(Message event, Collection<NodeId> targets, BooleanSupplier room) {
    while (true) {
      try {
        return add(event, targets);
      } catch (WarehouseException e) {
        if (e.code() != StandardErrorCode.BULKHEAD_FULL || !room.getAsBoolean()) {
          throw e;
        }
      }
    }
  }

  /** Returns the event with the deadline that its timeout means now. */
  static Message dated(Message event, Clock clock) {
    return event.timeout().isEmpty()
        ? event
        : event.copy().deadline(clock.instant().plus(event.timeout().get())).build();
  }

  /** Says that all who send the event have it: from here on later ones may go before it. */
  void handedOut(Entry entry) {
    beingWritten.remove(entry.number);
  }

  private static WarehouseException full(String what) {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL, what + " wait for nodes that do not take them");
  }

  /** Hears that a target has taken an event. */
  void taken(long number, NodeId target) {
    Entry entry = entries.get(number);
    if (entry == null || !entry.targets.remove(target)) {
      return;
    }
    waitingSet(target).remove(number);
    if (entry.targets.isEmpty() && entries.remove(number, entry)) {
      count.decrementAndGet();
      bytes.addAndGet(-entry.bytes);
      storage.delete(key(number));
    }
  }

  /** Returns what waits for a target, in the order of numbers. */
  List<Entry> waitingFor(NodeId target) {
    List<Entry> found = new ArrayList<>();
    for (Long number : waitingSet(target)) {
      Entry entry = entries.get(number);
      if (entry != null) {
        found.add(entry);
      }
    }
    return found;
  }

  /** Returns the oldest events of which those who have not taken them are of a kind. */
  List<Entry> oldest(Predicate<Set<NodeId>> targets, int most) {
    return entries.values().stream()
        .filter(entry -> targets.test(entry.targets()))
        .limit(most)
        .toList();
  }

  private void hold(Entry entry) {
    entries.put(entry.number, entry);
    entry.targets.forEach(target -> waitingSet(target).add(entry.number));
  }

  private ConcurrentSkipListSet<Long> waitingSet(NodeId target) {
    return waiting.computeIfAbsent(target, node -> new ConcurrentSkipListSet<>());
  }

  /** Returns all nodes that something waits for. */
  Set<NodeId> targets() {
    Set<NodeId> all = new java.util.HashSet<>();
    entries.values().forEach(entry -> all.addAll(entry.targets));
    return all;
  }

  /** Returns a number below which nothing will be sent to anybody any more that was not yet. */
  long lowestBeingWritten() {
    Long lowest = null;
    for (Long number : beingWritten) {
      lowest = number;
      break;
    }
    return lowest == null ? Long.MAX_VALUE : lowest;
  }

  /**
   * Returns a number below which a target has taken everything, and will be sent nothing any more;
   * what waits for others does not count. 0 where nothing waits for it.
   */
  long floorFor(NodeId target) {
    long beingWrittenNow = lowestBeingWritten();
    Iterator<Long> first = waitingSet(target).iterator();
    return first.hasNext() ? Math.min(beingWrittenNow, first.next()) : 0;
  }

  int size() {
    return count.get();
  }

  // ---- the form on disk: form, time, targets, frame
  // ------------------------------------------------

  private static String key(long number) {
    return EVENT + HexFormat.of().toHexDigits(number);
  }

  private byte[] write(long number, Message event, Collection<NodeId> targets) {
    try {
      ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytesOut);
      out.writeByte(FORM);
      out.writeLong(clock.millis());
      out.writeInt(targets.size());
      for (NodeId target : targets) {
        out.writeUTF(target.value());
      }
      out.write(codec.encode(new PeerFrame.DurableEvent(number, 0, event)));
      return bytesOut.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void load(String key) {
    try {
      Optional<Bytes> stored = storage.get(key);
      if (stored.isPresent()) {
        Entry entry = read(stored.get().toArray());
        hold(entry);
        count.incrementAndGet();
        bytes.addAndGet(entry.bytes);
      }
    } catch (WarehouseException | IOException | MalformedFrame e) {
      LOG.log(System.Logger.Level.WARNING, "a durable event cannot be read, it stays: " + key, e);
    }
  }

  private Entry read(byte[] stored) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored));
    if (in.readByte() != FORM) {
      throw new MalformedFrame("a stored event of another form");
    }
    long storedAt = in.readLong();
    List<NodeId> targets = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      targets.add(new NodeId(in.readUTF()));
    }
    int from = stored.length - in.available();
    if (!(codec.decode(stored, from, stored.length - from)
        instanceof PeerFrame.DurableEvent frame)) {
      throw new MalformedFrame("a stored event is another frame");
    }
    return new Entry(frame.number(), aged(frame.event(), storedAt), stored.length, targets);
  }

  /** A deadline is stored as what was left; what has passed since is taken off. */
  private Message aged(Message event, long storedAt) {
    if (event.deadline().isEmpty()) {
      return event;
    }
    Instant deadline = event.deadline().get();
    Duration passed = Duration.ofMillis(Math.max(0, clock.millis() - storedAt));
    return event.copy().deadline(deadline.minus(passed)).build();
  }

  /** Returns what waits, by number; for tests. */
  Map<Long, Entry> entries() {
    return Map.copyOf(entries);
  }
}
