package io.datawarehouse.kernel.rebalance;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps what is read through it to so many bytes a second, on the average since it was last idle.
 * Thread-safe; what goes over the rate waits.
 */
final class Throttle {

  private static final long SECOND = 1_000_000_000L;

  /** How far behind the rate reading may be and catch up again. */
  private static final long BURST_NANOS = SECOND / 10;

  /** Waits. */
  @FunctionalInterface
  interface Pause {
    /** Waits for so long. */
    void of(long nanos) throws InterruptedException;
  }

  private final long bytesPerSecond;
  private final LongSupplier ticker;
  private final Pause pause;

  /** When what was read so far may have been read. Guarded by this. */
  private long paidUntil;

  /**
   * Makes a throttle.
   *
   * @param bytesPerSecond the rate; 0 for none
   */
  Throttle(long bytesPerSecond, LongSupplier ticker, Pause pause) {
    this.bytesPerSecond = bytesPerSecond;
    this.ticker = ticker;
    this.pause = pause;
    this.paidUntil = ticker.getAsLong();
  }

  /** Waits until so many bytes more may be read. */
  void take(long bytes) throws InterruptedException {
    if (bytesPerSecond == 0 || bytes == 0) {
      return;
    }
    long wait;
    synchronized (this) {
      long now = ticker.getAsLong();
      paidUntil = Math.max(paidUntil, now - BURST_NANOS);
      paidUntil += (long) ((double) bytes / bytesPerSecond * SECOND);
      wait = paidUntil - now;
    }
    if (wait > 0) {
      pause.of(wait);
    }
  }

  /** Returns how long so many bytes take at the rate. */
  Duration timeOf(long bytes) {
    return bytesPerSecond == 0
        ? Duration.ZERO
        : Duration.ofMillis((long) ((double) bytes / bytesPerSecond * 1_000));
  }

  /** Returns a stream that is read no faster. */
  InputStream slowed(InputStream stream) {
    return bytesPerSecond == 0
        ? stream
        : new FilterInputStream(stream) {
          @Override
          public int read() throws IOException {
            int value = super.read();
            pay(1);
            return value;
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            pay(Math.max(0, count));
            return count;
          }
        };
  }

  private void pay(int bytes) throws IOException {
    try {
      take(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keeping to the rate", e);
    }
  }
}
