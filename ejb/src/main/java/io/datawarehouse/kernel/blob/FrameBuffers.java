package io.datawarehouse.kernel.blob;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Buffers for content on its way, used again; at most so many are kept. Thread-safe. */
final class FrameBuffers {

  private final int size;
  private final BlockingQueue<byte[]> idle;

  FrameBuffers(int size, int mostKept) {
    this.size = size;
    this.idle = new ArrayBlockingQueue<>(mostKept);
  }

  byte[] take() {
    byte @Nullable [] buffer = idle.poll();
    return buffer == null ? new byte[size] : buffer;
  }

  void giveBack(byte[] buffer) {
    // Where enough are kept already, this one is the collector's.
    idle.offer(buffer);
  }
}
