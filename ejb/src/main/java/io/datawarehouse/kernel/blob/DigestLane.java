package io.datawarehouse.kernel.blob;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Digests the pieces of one content, in order, while its owner reads and stores others: a piece is
 * digested by the executor, or by the owner where it would have to wait for a thread. So a busy
 * executor makes it slower and never stops it. At most {@link #MOST_BUFFERS} buffers are in use.
 *
 * <p>Confined to its owner, but for the digesting.
 */
final class DigestLane implements AutoCloseable {

  static final int MOST_BUFFERS = 4;

  private static final class Piece {
    private final byte[] buffer;
    private final int length;

    Piece(byte[] buffer, int length) {
      this.buffer = buffer;
      this.length = length;
    }
  }

  private final ContentDigests digests;
  private final Executor executor;
  private final FrameBuffers pool;

  // All guarded by this.
  private final ArrayDeque<Piece> waiting = new ArrayDeque<>();
  private final ArrayDeque<byte[]> free = new ArrayDeque<>();
  private boolean digesting;
  private boolean scheduled;

  // The owner's.
  private int held;

  DigestLane(ContentDigests digests, Executor executor, FrameBuffers pool) {
    this.digests = digests;
    this.executor = executor;
    this.pool = pool;
  }

  /** Returns a buffer that nobody uses. The owner has one at a time. */
  byte[] take() {
    byte @Nullable [] unused = takeFree();
    if (unused != null) {
      return unused;
    }
    if (held == 0 || held < MOST_BUFFERS && pool.allowExtra()) {
      held++;
      return pool.take();
    }
    digestUntilAtMost(held - 1);
    return Objects.requireNonNull(takeFree());
  }

  private synchronized byte @Nullable [] takeFree() {
    return free.poll();
  }

  /** Digests the beginning of a buffer on some thread; until then nobody writes to it. */
  void digestLater(byte[] buffer, int length) {
    boolean schedule;
    synchronized (this) {
      waiting.add(new Piece(buffer, length));
      schedule = !scheduled;
      scheduled = true;
    }
    if (schedule) {
      try {
        executor.execute(this::digestWaiting);
      } catch (RejectedExecutionException e) {
        // Nobody will come: the owner does it, at the latest at the end.
        synchronized (this) {
          scheduled = false;
        }
      }
    }
  }

  /** Returns when everything is digested. */
  void finish() {
    digestUntilAtMost(0);
  }

  /** Gives the buffers back when nobody uses them any more; what still waits is forgotten. */
  @Override
  public void close() {
    synchronized (this) {
      Piece current = digesting ? waiting.remove() : null;
      waiting.forEach(piece -> free.add(piece.buffer));
      waiting.clear();
      if (current != null) {
        waiting.add(current);
      }
    }
    digestUntilAtMost(0);
    synchronized (this) {
      free.forEach(pool::giveBack);
      free.clear();
    }
    pool.endExtras(Math.max(0, held - 1));
    held = 0;
  }

  /** What the executor runs. */
  private void digestWaiting() {
    boolean more = true;
    while (more) {
      more = digestOne(false);
    }
  }

  /** Returns when at most so many pieces wait or are worked on; works on them where nobody does. */
  private void digestUntilAtMost(int most) {
    while (awaitOthers(most)) {
      digestOne(true);
    }
  }

  /** Waits while somebody else works on too many pieces; returns whether nobody does. */
  private synchronized boolean awaitOthers(int most) {
    boolean interrupted = false;
    while (digesting && waiting.size() > most) {
      try {
        wait();
      } catch (InterruptedException e) {
        // The other works on memory only and is done in no time.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return waiting.size() > most;
  }

  private boolean digestOne(boolean byOwner) {
    Piece piece;
    synchronized (this) {
      if (digesting || waiting.isEmpty()) {
        scheduled &= byOwner;
        return false;
      }
      digesting = true;
      piece = waiting.element();
    }
    try {
      digests.update(piece.buffer, piece.length);
    } finally {
      synchronized (this) {
        digesting = false;
        waiting.remove();
        free.add(piece.buffer);
        notifyAll();
      }
    }
    return true;
  }
}
