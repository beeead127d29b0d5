package io.datawarehouse.web.http;

import io.datawarehouse.sdk.metric.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the contents that are being sent. A client that takes one slowly holds a thread of
 * the server for as long as it likes; so there is a least rate, and of those who are slow there may
 * be so many and no more: the slowest are cut off, that others find a thread. Quick ones are never
 * counted and never cut off. Thread-safe.
 */
public final class SendWatch {

  /**
   * How slow clients may be.
   *
   * @param leastBytesPerSecond the least rate, averaged over each grace of waiting; 0 for none
   * @param grace how much waiting comes before the rate counts, each time
   * @param slowAfter a client is slow that takes so long for a piece of {@link #PIECE} bytes
   * @param mostSlow how many clients may be slow at a time
   */
  public record Limits(long leastBytesPerSecond, Duration grace, Duration slowAfter, int mostSlow) {

    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    /**
     * Returns a time after which whoever has not taken a piece was below the rate in a whole grace:
     * a write may wait so long for a client, and whether it does is for the watch to say.
     */
    Duration longestWait() {
      if (leastBytesPerSecond == 0 || grace.compareTo(LONGEST_WAIT) > 0) {
        return LONGEST_WAIT;
      }
      Duration piece = Duration.ofMillis(PIECE * 1000L / leastBytesPerSecond);
      Duration wait = grace.plus(piece).multipliedBy(2);
      return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
  }

  /** The bytes by whose time a client is judged. */
  public static final int PIECE = 128 * 1024;

  /** So much of a piece is handed over at once to a slow client, that its bytes are counted. */
  private static final int SLICE = 8 * 1024;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Limits limits;
  private final LongSupplier nanos;
  private final Metrics.Counter belowRate;
  private final Metrics.Counter crowdedOut;
  private final Set<Sending> sendings = ConcurrentHashMap.newKeySet();
  private volatile int slow;

  /** Begins to watch; somebody must {@link #look} again and again. */
  public SendWatch(Limits limits, LongSupplier nanos, Metrics metrics) {
    this.limits = limits;
    this.nanos = nanos;
    this.belowRate = cutOff(metrics, "rate");
    this.crowdedOut = cutOff(metrics, "crowd");
    metrics.gauge("http.slow.readers", "Clients that take contents slowly", Map.of(), () -> slow);
  }

  private static Metrics.Counter cutOff(Metrics metrics, String why) {
    return metrics.counter(
        "http.slow.readers.closed",
        "Connections closed because the client took a content too slowly",
        Map.of("why", why));
  }

  /** Begins to send over a connection; null where nothing can close it. */
  Sending begin(@Nullable ConnectionSwitch connection) {
    Sending sending = new Sending(connection);
    if (connection != null) {
      connection.allowWait(limits.longestWait());
    }
    sendings.add(sending);
    return sending;
  }

  /**
   * A slow client as it was when it was looked at: it goes on meanwhile, and nothing can be sorted
   * that changes.
   *
   * @param sending what is sent to it
   * @param pace nanoseconds for a piece
   * @param waited nanoseconds that were waited for it so far
   */
  private record Slow(Sending sending, long pace, long waited) {
    static final Comparator<Slow> SLOWEST_FIRST =
        Comparator.comparingLong(Slow::pace).thenComparingLong(Slow::waited).reversed();
  }

  /** Cuts off who is too slow. */
  synchronized void look() {
    long now = nanos.getAsLong();
    List<Slow> slowNow = new ArrayList<>();
    for (Sending sending : sendings) {
      if (sending.isBelowRate(now)) {
        sending.cutOff(belowRate);
        continue;
      }
      Slow seen = new Slow(sending, sending.pace(now), sending.waited(now));
      if (seen.pace >= limits.slowAfter().toNanos()) {
        slowNow.add(seen);
      }
    }
    int excess = slowNow.size() - limits.mostSlow();
    if (excess > 0) {
      slowNow.sort(Slow.SLOWEST_FIRST);
      slowNow.subList(0, excess).forEach(seen -> seen.sending.cutOff(crowdedOut));
    }
    slow = Math.min(slowNow.size(), limits.mostSlow());
  }

  /**
   * A content that is being sent. Confined to the thread that sends, but for what its watch does.
   */
  public final class Sending implements AutoCloseable {

    private final @Nullable ConnectionSwitch connection;
    private volatile boolean waiting;
    private volatile long since;
    private volatile long lastPiece;
    private final AtomicLong waitedBefore = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private volatile int inHand;
    private volatile boolean cut;

    // Of the watch alone.
    private long waitedAtWindow;
    private long takenAtWindow;
    private long waitSeen;
    private long mostUnsent;

    private Sending(@Nullable ConnectionSwitch connection) {
      this.connection = connection;
    }

    /**
     * Sends a piece; blocks while the client does not take it.
     *
     * @throws IOException where the client has gone, or was cut off
     */
    public void write(OutputStream target, byte[] buffer, int length) throws IOException {
      boolean wasSlow = lastPiece >= limits.slowAfter().toNanos();
      begin();
      try {
        int step = wasSlow ? SLICE : Math.max(1, length);
        for (int at = 0; at < length; at += step) {
          int count = Math.min(step, length - at);
          inHand = count;
          target.write(buffer, at, count);
          sent.addAndGet(count);
        }
      } finally {
        inHand = 0;
        settle();
      }
      if (cut) {
        throw new IOException("the client took the content too slowly");
      }
    }

    /** Sends on what is held back; blocks while the client does not take it. */
    public void flush(OutputStream target) throws IOException {
      begin();
      try {
        target.flush();
      } finally {
        settle();
      }
    }

    /** Ends the content, and sends what is held back. */
    public void end(OutputStream target) throws IOException {
      begin();
      try {
        target.close();
      } finally {
        settle();
      }
    }

    private void begin() {
      since = nanos.getAsLong();
      waiting = true;
    }

    private void settle() {
      long took = nanos.getAsLong() - since;
      waiting = false;
      lastPiece = took;
      waitedBefore.addAndGet(took);
    }

    /** Returns the time that the client has taken for a piece, or takes now if that is longer. */
    private long pace(long now) {
      return Math.max(lastPiece, waiting ? now - since : 0);
    }

    private long waited(long now) {
      return waitedBefore.get() + (waiting ? now - since : 0);
    }

    /** Returns the bytes that the client has taken, with those of the piece that is in hand. */
    private long taken() {
      return sent.get() + takenOfPiece();
    }

    /** What the server holds for the client shrinks while the write waits. */
    private long takenOfPiece() {
      if (connection == null || !waiting) {
        return 0;
      }
      long wait = since;
      long unsent = connection.unsent();
      mostUnsent = wait == waitSeen ? Math.max(mostUnsent, unsent) : unsent;
      waitSeen = wait;
      return Math.min(inHand, mostUnsent - unsent);
    }

    private boolean isBelowRate(long now) {
      long taken = taken();
      long waited = waited(now) - waitedAtWindow;
      if (limits.leastBytesPerSecond() == 0 || waited < limits.grace().toNanos()) {
        return false;
      }
      long bytes = taken - takenAtWindow;
      waitedAtWindow += waited;
      takenAtWindow = taken;
      return bytes < limits.leastBytesPerSecond() * (waited / NANOS_PER_SECOND);
    }

    /**
     * Whoever has just come to the end is left alone: the connection is another request's. So the
     * end waits until a connection that is being closed is.
     */
    private synchronized void cutOff(Metrics.Counter reason) {
      cut = true;
      if (sendings.remove(this)) {
        reason.increment();
        if (connection != null) {
          connection.closeNow();
        }
      }
    }

    /** Ends watching. */
    @Override
    public synchronized void close() {
      sendings.remove(this);
      if (connection != null) {
        connection.allowUsualWait();
      }
    }
  }
}
