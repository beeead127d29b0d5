package io.datawarehouse.web.http;

import java.util.concurrent.ArrayBlockingQueue;

/** Buffers that are used again and again. Thread-safe. */
public final class Buffers {

  private final int size;
  private final ArrayBlockingQueue<byte[]> idle;

  /** Keeps up to a number of buffers of a size. */
  public Buffers(int size, int mostIdle) {
    this.size = size;
    this.idle = new ArrayBlockingQueue<>(mostIdle);
  }

  /** Returns a buffer that nobody else uses; what is in it is of no meaning. */
  public byte[] take() {
    byte[] buffer = idle.poll();
    return buffer == null ? new byte[size] : buffer;
  }

  /** Takes a buffer back; it is forgotten where enough are idle. Returns whether it was kept. */
  public boolean giveBack(byte[] buffer) {
    return idle.offer(buffer);
  }
}
