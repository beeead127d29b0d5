package io.datawarehouse.kernel.blob;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for content on its way, used again. Whoever takes content has one for the asking; who
 * wants more of them shares a limited number with all others, so that memory stays bounded by the
 * number of writers. Thread-safe.
 */
final class FrameBuffers {

  private final int size;
  private final BlockingQueue<byte[]> idle;
  private final Semaphore extras;

  /**
   * Makes an empty pool.
   *
   * @param size of each buffer
   * @param shared how many are kept for later, and how many can be out beyond the first of each
   *     writer
   */
  FrameBuffers(int size, int shared) {
    this.size = size;
    this.idle = new ArrayBlockingQueue<>(shared);
    this.extras = new Semaphore(shared);
  }

  byte[] take() {
    byte @Nullable [] buffer = idle.poll();
    return buffer == null ? new byte[size] : buffer;
  }

  /** Returns whether one more buffer may be taken by a writer that has one already. */
  boolean allowExtra() {
    return extras.tryAcquire();
  }

  /** Gives back what {@link #allowExtra()} allowed. */
  void endExtras(int count) {
    extras.release(count);
  }

  void giveBack(byte[] buffer) {
    // Where enough are kept already, this one is the collector's.
    idle.offer(buffer);
  }
}
