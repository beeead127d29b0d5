package io.datawarehouse.kernel.pipeline;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of frames, used again, and how many frames may be on their way: whoever encodes or
 * decodes has two for the asking; who wants more shares a limited number with all others, so that
 * memory stays bounded by the number of transfers. Thread-safe.
 */
final class FramePool {

  private final int size;
  private final BlockingQueue<byte[]> idle;
  private final Semaphore extras;

  FramePool(int size, int shared) {
    this.size = size;
    this.idle = new ArrayBlockingQueue<>(2 * shared);
    this.extras = new Semaphore(shared);
  }

  /** Returns a buffer of at least that size, with anything in it. */
  byte[] take(int least) {
    if (least > size) {
      return new byte[least];
    }
    byte @Nullable [] buffer = idle.poll();
    return buffer == null ? new byte[size] : buffer;
  }

  void giveBack(byte[] buffer) {
    if (buffer.length == size) {
      // Where enough are kept already, this one is the collector's.
      idle.offer(buffer);
    }
  }

  boolean allowExtra() {
    return extras.tryAcquire();
  }

  void endExtras(int count) {
    extras.release(count);
  }
}
