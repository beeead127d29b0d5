package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request as a stream that tells a whole body from one that was cut, stalled or
 * trickles. Read by one thread at a time; its watch interrupts that thread.
 *
 * <p>A failure is a {@code WarehouseException}, and every later read fails with the same one.
 *
 * <p>Whoever stores the body reads it on a thread of its own, and may still do so when the request
 * is answered, because it took too long or the node stops. Whoever answers {@linkplain #claim
 * claims} the body first: from then on all others fail, and none of them takes what comes over the
 * connection afterwards, or its end, for the body.
 */
public final class RequestBody extends InputStream {

  private static final System.Logger LOG = System.getLogger(RequestBody.class.getName());

  private static final int IDLE = 0;
  private static final int WAITING = 1;
  private static final int INTERRUPTING = 2;
  private static final int INTERRUPTED = 3;

  /** How long somebody may take to leave who was about to. */
  private static final Duration MOMENT = Duration.ofMillis(50);

  /** How long to wait for bytes that nobody wants. */
  private static final Duration COURTESY = Duration.ofMillis(500);

  private final InputStream source;
  private final OptionalLong announced;
  private final StallWatch watch;
  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final ReentrantLock reading = new ReentrantLock();
  private volatile @Nullable Thread claimer;
  private volatile @Nullable Thread reader;
  private volatile long waitingSince;
  private volatile long patience;
  private long waited;
  private long count;
  private boolean begun;
  private boolean ended;
  private boolean contested;
  private boolean stuck;
  private @Nullable WarehouseException failure;

  /** Makes the body of a request; nothing is read before somebody asks. */
  public RequestBody(InputStream source, OptionalLong announced, StallWatch watch) {
    this.source = source;
    this.announced = announced;
    this.watch = watch;
    this.patience = watch.limits().stallTimeout().toNanos();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    reading.lock();
    try {
      requireNotClaimed(null);
      return readAlone(target, offset, length);
    } finally {
      reading.unlock();
    }
  }

  private int readAlone(byte[] target, int offset, int length) {
    if (failure != null) {
      throw failure;
    }
    if (ended) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    int got = await(target, offset, length);
    if (got < 0) {
      end();
      return -1;
    }
    count += got;
    requireRate();
    return got;
  }

  private int await(byte[] target, int offset, int length) {
    if (!begun) {
      begun = true;
      watch.add(this);
    }
    long start = watch.now();
    waitingSince = start;
    reader = Thread.currentThread();
    state.set(WAITING);
    try {
      requireNotClaimed(null);
      int got = source.read(target, offset, length);
      settle();
      return got;
    } catch (IOException e) {
      boolean interrupted = settle();
      requireNotClaimed(e);
      throw fail(explain(e, interrupted));
    } catch (RuntimeException e) {
      settle();
      requireNotClaimed(e);
      throw fail(
          new WarehouseException(
              StandardErrorCode.CONTENT_INTERRUPTED,
              "the body cannot be read" + nothingStored(),
              e));
    } finally {
      waited += watch.now() - start;
    }
  }

  /** Returns whether the watch interrupted the read that has just ended; the flag is cleared. */
  private boolean settle() {
    if (state.compareAndSet(WAITING, IDLE)) {
      return false;
    }
    while (state.get() != INTERRUPTED) {
      Thread.onSpinWait();
    }
    Thread.interrupted();
    state.set(IDLE);
    return true;
  }

  /**
   * Makes the body the caller's alone: whoever else reads it now is interrupted and fails, as does
   * whoever reads it later. Returns when nobody else does any more, or after a short while.
   *
   * @return whether nobody had to be interrupted; else the connection cannot be used again
   */
  public boolean claim() {
    claimer = Thread.currentThread();
    if (!nobodyReads(MOMENT)) {
      contested = true;
      interruptReader();
      if (!nobodyReads(COURTESY)) {
        stuck = true;
        LOG.log(System.Logger.Level.WARNING, "somebody reads a body on that has been answered");
      }
    }
    return !contested;
  }

  private boolean nobodyReads(Duration limit) {
    try {
      if (reading.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        reading.unlock();
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void requireNotClaimed(@Nullable Exception cause) {
    Thread owner = claimer;
    if (owner != null && owner != Thread.currentThread()) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_INTERRUPTED,
          "the request was answered before its body was read" + nothingStored(),
          cause);
    }
  }

  /** Called by the watch: interrupts the reader if it has waited too long. */
  void interruptIfLate(long now) {
    if (state.get() == WAITING && now - waitingSince >= patience) {
      interruptReader();
    }
  }

  private void interruptReader() {
    if (state.compareAndSet(WAITING, INTERRUPTING)) {
      Thread waiting = reader;
      if (waiting != null) {
        waiting.interrupt();
      }
      state.set(INTERRUPTED);
    }
  }

  private void end() {
    ended = true;
    watch.remove(this);
    if (announced.isPresent() && count < announced.getAsLong()) {
      throw fail(cut(null));
    }
  }

  private void requireRate() {
    BodyLimits limits = watch.limits();
    if (waited > limits.grace().toNanos()
        && count / (waited / 1e9) < limits.leastBytesPerSecond()) {
      throw fail(
          new WarehouseException(
              StandardErrorCode.CONTENT_STALLED,
              "the body came with less than "
                  + limits.leastBytesPerSecond()
                  + " bytes a second"
                  + nothingStored()));
    }
  }

  private WarehouseException explain(IOException e, boolean interrupted) {
    if (interrupted || isTimeout(e)) {
      return new WarehouseException(
          StandardErrorCode.CONTENT_STALLED,
          "the body brought no byte for "
              + watch.limits().stallTimeout().toMillis()
              + " ms"
              + nothingStored(),
          e);
    }
    return cut(e);
  }

  private static boolean isTimeout(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof TimeoutException
          || at instanceof InterruptedIOException
          || at instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }

  private WarehouseException cut(@Nullable IOException e) {
    if (announced.isPresent()) {
      return new WarehouseException(
          StandardErrorCode.CONTENT_LENGTH_MISMATCH,
          "Content-Length announced "
              + announced.getAsLong()
              + " bytes and the body ended"
              + nothingStored(),
          e);
    }
    return new WarehouseException(
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        "the chunked body was cut or malformed" + nothingStored(),
        e);
  }

  private String nothingStored() {
    return " after " + count + " bytes; nothing was stored";
  }

  private WarehouseException fail(WarehouseException why) {
    failure = why;
    watch.remove(this);
    return why;
  }

  /** Returns how many bytes were read. */
  public long count() {
    return count;
  }

  /** Returns whether reading failed: nothing more can come over the connection. */
  public boolean failed() {
    return failure != null;
  }

  /**
   * Returns whether more than some bytes may be left: so many that the connection is better closed
   * than read on.
   */
  public boolean leaves(long most) {
    if (ended || announced.isPresent() && announced.getAsLong() == count) {
      return false;
    }
    return failed() || announced.isEmpty() || announced.getAsLong() - count > most;
  }

  /** Reads on for nothing, up to a length of time, as long as bytes come quickly. */
  public void drain(Duration most) {
    if (stuck) {
      return;
    }
    patience = Math.min(patience, COURTESY.toNanos());
    byte[] waste = new byte[8192];
    long until = watch.now() + most.toNanos();
    try {
      while (watch.now() - until < 0) {
        if (read(waste, 0, waste.length) < 0) {
          return;
        }
      }
    } catch (WarehouseException e) {
      // The answer was given already; this was courtesy.
      watch.remove(this);
    }
  }

  /** Ends watching; the connection is the container's. */
  @Override
  public void close() {
    watch.remove(this);
  }
}
