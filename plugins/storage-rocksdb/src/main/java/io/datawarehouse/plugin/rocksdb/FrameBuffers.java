package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Buffers outside the heap, each as large as a frame, lent to who reads or writes a file. There are
 * at most so many at a time; who comes when all are lent waits, then gets {@code BULKHEAD_FULL}.
 * Thread-safe.
 */
final class FrameBuffers {

  private static final int PAGE_BYTES = 4096;

  private final int frameBytes;
  private final int most;
  private final Duration patience;
  private final Semaphore free;
  private final Deque<ByteBuffer> idle = new ArrayDeque<>();

  FrameBuffers(int frameBytes, int most, Duration patience) {
    this.frameBytes = frameBytes;
    this.most = most;
    this.patience = patience;
    this.free = new Semaphore(most);
  }

  int frameBytes() {
    return frameBytes;
  }

  int lent() {
    return most - free.availablePermits();
  }

  /** Returns a buffer that begins at the beginning of a page, as disks want it. */
  static ByteBuffer aligned(int bytes) {
    return ByteBuffer.allocateDirect(bytes + 2 * PAGE_BYTES)
        .alignedSlice(PAGE_BYTES)
        .slice(0, bytes);
  }

  /** Lends an empty buffer. */
  ByteBuffer borrow() {
    try {
      if (!free.tryAcquire() && !free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new WarehouseException(
            StandardErrorCode.BULKHEAD_FULL,
            "all " + most + " frame buffers are in use; too many transfers at once");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException(
          StandardErrorCode.UNAVAILABLE, "interrupted while waiting for a frame buffer", e);
    }
    try {
      ByteBuffer kept = takeIdle();
      return kept == null ? aligned(frameBytes) : kept.clear();
    } catch (OutOfMemoryError e) {
      free.release();
      throw new WarehouseException(
          StandardErrorCode.BULKHEAD_FULL, "no memory for another frame buffer", e);
    }
  }

  /** Lends one more buffer to who has one already; null unless there are plenty. */
  @Nullable ByteBuffer borrowSpare() {
    return free.availablePermits() > most / 2 ? borrow() : null;
  }

  /** Takes a buffer back; whoever borrowed it touches it no more. */
  void giveBack(ByteBuffer buffer) {
    synchronized (idle) {
      idle.push(buffer);
    }
    free.release();
  }

  private @Nullable ByteBuffer takeIdle() {
    synchronized (idle) {
      return idle.poll();
    }
  }
}
