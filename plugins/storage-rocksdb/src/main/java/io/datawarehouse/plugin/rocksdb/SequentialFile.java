package io.datawarehouse.plugin.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a new file from its beginning to its end. The owner fills buffers; full ones are written
 * several at a time by the executor, or by the owner where it would have to wait for a thread or a
 * buffer. So a busy executor makes it slower and never stops it. One buffer is for the asking; more
 * are used while there are plenty.
 *
 * <p>Where the file goes past the system's cache the disk works from the first write on. Elsewhere
 * it is asked to begin every so many bytes. Either way little is left to do for the last sync.
 *
 * <p>Confined to its owner, but for the writing.
 */
final class SequentialFile implements AutoCloseable {

  private static final int MOST_BUFFERS = 9;
  private static final int MOST_AT_ONCE = 4;

  /**
   * A file that was just created.
   *
   * @param channel the file
   * @param block what writes must be multiples of, past the system's cache; 0 where they go through
   *     it
   */
  record Created(FileChannel channel, int block) {}

  private final FileChannel channel;
  private final int block;
  private final FrameBuffers buffers;
  private final Executor executor;
  private final long writebackBytes;

  // The owner's.
  private @Nullable ByteBuffer current;
  private int borrowed;
  private long length;

  // All guarded by this.
  private final ArrayDeque<ByteBuffer> full = new ArrayDeque<>();
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private boolean writing;
  private boolean scheduled;
  private boolean syncAsked;
  private boolean syncing;
  private boolean syncedByOwner;
  private long unsynced;
  private @Nullable IOException failure;

  SequentialFile(Created file, FrameBuffers buffers, Executor executor, long writebackBytes) {
    this.channel = file.channel;
    this.block = file.block;
    this.buffers = buffers;
    this.executor = executor;
    this.writebackBytes = writebackBytes;
    this.current = buffers.borrow();
    this.borrowed = 1;
  }

  /** Returns how many bytes were put. */
  long length() {
    return length;
  }

  /** Adds bytes at the end. */
  void put(byte[] source, int offset, int count) {
    int from = offset;
    int rest = count;
    while (rest > 0) {
      ByteBuffer target = current();
      int part = Math.min(rest, target.remaining());
      target.put(source, from, part);
      from += part;
      rest -= part;
      if (!target.hasRemaining()) {
        current = null;
        writeLater(target);
      }
    }
    length += count;
  }

  /** Writes the rest, without syncing it; nothing can be put after that. */
  void end() {
    ByteBuffer last = current();
    current = null;
    pad(last);
    synchronized (this) {
      full.add(last.flip());
    }
    writeUntilAtMost(0);
    requireWritten();
    try {
      if (block > 0 && length % block != 0) {
        channel.truncate(length);
      }
    } catch (IOException e) {
      throw StorageErrors.of("writing a content file", e);
    }
  }

  /** Makes everything durable that was written. */
  void sync() {
    awaitSynced();
    try {
      channel.force(true);
    } catch (IOException e) {
      throw StorageErrors.of("syncing a content file", e);
    }
    requireWritten();
  }

  @Override
  public void close() {
    synchronized (this) {
      free.addAll(full);
      full.clear();
    }
    awaitOthers(0);
    awaitSynced();
    ByteBuffer unfinished = current;
    current = null;
    if (unfinished != null) {
      buffers.giveBack(unfinished);
    }
    synchronized (this) {
      free.forEach(buffers::giveBack);
      free.clear();
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw StorageErrors.of("closing a content file", e);
    }
  }

  private void pad(ByteBuffer last) {
    while (block > 0 && last.position() % block != 0) {
      last.put((byte) 0);
    }
  }

  private ByteBuffer current() {
    ByteBuffer present = current;
    if (present == null) {
      present = take();
      current = present;
    }
    return present;
  }

  private ByteBuffer take() {
    requireWritten();
    ByteBuffer unused = takeFree();
    if (unused == null && borrowed < MOST_BUFFERS) {
      unused = buffers.borrowSpare();
      borrowed += unused == null ? 0 : 1;
    }
    if (unused == null) {
      writeUntilAtMost(borrowed - 1);
      requireWritten();
      unused = Objects.requireNonNull(takeFree());
    }
    return unused;
  }

  private synchronized @Nullable ByteBuffer takeFree() {
    return free.poll();
  }

  private synchronized void requireWritten() {
    if (failure != null) {
      throw StorageErrors.of("writing a content file", failure);
    }
  }

  private void writeLater(ByteBuffer filled) {
    boolean schedule;
    synchronized (this) {
      full.add(filled.flip());
      schedule = !scheduled && full.size() >= MOST_AT_ONCE;
      scheduled |= schedule;
    }
    if (schedule) {
      try {
        executor.execute(this::writeBeside);
      } catch (RejectedExecutionException e) {
        // Nobody will come: the owner writes, at the latest when it has no buffer left.
        synchronized (this) {
          scheduled = false;
        }
      }
    }
  }

  /** What the executor runs. */
  private void writeBeside() {
    boolean more = true;
    while (more) {
      more = writeSome(MOST_AT_ONCE, false);
    }
  }

  /** Returns when at most so many buffers wait or are written; writes them where nobody does. */
  private void writeUntilAtMost(int most) {
    while (awaitOthers(most)) {
      writeSome(1, true);
    }
  }

  /** Waits while somebody else writes and too many buffers are out; returns whether nobody does. */
  private synchronized boolean awaitOthers(int most) {
    boolean interrupted = false;
    while (writing && (most == 0 || free.isEmpty())) {
      interrupted |= pause();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return full.size() > most || most > 0 && free.isEmpty();
  }

  /** Waits for a write-back that is under way; one that has not begun need not begin. */
  private synchronized void awaitSynced() {
    syncedByOwner = true;
    boolean interrupted = false;
    while (syncing) {
      interrupted |= pause();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for news. The other waits for the disk alone, so an interrupt can wait, too. */
  private synchronized boolean pause() {
    try {
      wait();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private boolean writeSome(int least, boolean byOwner) {
    ByteBuffer[] some;
    synchronized (this) {
      if (writing || full.size() < least) {
        scheduled &= byOwner;
        return false;
      }
      writing = true;
      some = new ByteBuffer[Math.min(MOST_AT_ONCE, full.size())];
      for (int i = 0; i < some.length; i++) {
        some[i] = full.remove();
      }
    }
    IOException failed = null;
    long written = 0;
    try {
      written = failure() == null ? write(some) : 0;
    } catch (IOException e) {
      failed = e;
    } finally {
      settle(some, failed);
    }
    beginWriteback(written);
    return true;
  }

  private synchronized @Nullable IOException failure() {
    return failure;
  }

  private synchronized void settle(ByteBuffer[] some, @Nullable IOException failed) {
    writing = false;
    failure = failure == null ? failed : failure;
    for (ByteBuffer buffer : some) {
      free.add(buffer.clear());
    }
    notifyAll();
  }

  private long write(ByteBuffer[] some) throws IOException {
    long all = 0;
    for (ByteBuffer buffer : some) {
      all += buffer.remaining();
    }
    for (long written = 0; written < all; ) {
      written += channel.write(some);
    }
    return all;
  }

  private void beginWriteback(long written) {
    synchronized (this) {
      unsynced += written;
      if (block > 0 || syncAsked || syncing || unsynced < writebackBytes) {
        return;
      }
      unsynced = 0;
      syncAsked = true;
    }
    try {
      executor.execute(this::writeBack);
    } catch (RejectedExecutionException e) {
      // Too much to do already; the last sync does it all.
      synchronized (this) {
        syncAsked = false;
      }
    }
  }

  private void writeBack() {
    synchronized (this) {
      syncAsked = false;
      if (syncedByOwner) {
        return;
      }
      syncing = true;
    }
    IOException failed = null;
    try {
      channel.force(false);
    } catch (IOException e) {
      // The system reports a failed sync once, to whoever syncs first: it is kept for the end.
      failed = e;
    } finally {
      synced(failed);
    }
  }

  private synchronized void synced(@Nullable IOException failed) {
    syncing = false;
    failure = failure == null ? failed : failure;
    notifyAll();
  }
}
