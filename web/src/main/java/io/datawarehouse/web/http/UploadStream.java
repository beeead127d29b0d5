package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * The body of an upload: tells a body that is whole from one that was cut, and does not wait for
 * ever for a client that stalls or dribbles. Confined to one thread at a time.
 *
 * <p>A read that fails says why with a {@link WarehouseException}, so that whoever reads can pass
 * it on as it is.
 */
public final class UploadStream extends FilterInputStream {

  /**
   * How slow a client may be.
   *
   * @param grace how long nobody looks at the rate
   * @param bytesPerSecond the least average rate after that
   */
  public record Patience(Duration grace, long bytesPerSecond) {}

  private static final long UNKNOWN = -1;

  private final long announced;
  private final Patience patience;
  private final LongSupplier nanoTime;
  private final long start;
  private long count;

  /** A body of the announced length, or of a length that is not known for {@code -1}. */
  public UploadStream(InputStream body, long announced, Patience patience, LongSupplier nanoTime) {
    super(body);
    this.announced = announced;
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** Returns how many bytes have come. */
  public long count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (announced != UNKNOWN && count == announced) {
      return -1;
    }
    int got = readFromClient(target, offset, length);
    if (got < 0) {
      requireWhole();
      return got;
    }
    count += got;
    requireRate();
    return got;
  }

  private int readFromClient(byte[] target, int offset, int length) {
    try {
      return in.read(target, offset, length);
    } catch (IOException e) {
      throw causedByTimeout(e)
          ? new WarehouseException(
              StandardErrorCode.CONTENT_STALLED,
              "the body stalled after " + count + " bytes; nothing was stored",
              e)
          : new WarehouseException(
              StandardErrorCode.CONTENT_INTERRUPTED,
              "the body was interrupted after " + count + " bytes; nothing was stored",
              e);
    }
  }

  private void requireWhole() {
    if (announced != UNKNOWN && count < announced) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_LENGTH_MISMATCH,
          "Content-Length is "
              + announced
              + " but the body ended after "
              + count
              + " bytes; nothing was stored");
    }
  }

  private void requireRate() {
    long elapsed = nanoTime.getAsLong() - start;
    if (elapsed > patience.grace.toNanos() && count / (elapsed / 1e9) < patience.bytesPerSecond) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_STALLED,
          "the body came slower than "
              + patience.bytesPerSecond
              + " bytes a second; nothing was stored");
    }
  }

  private static boolean causedByTimeout(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof SocketTimeoutException || at instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }
}
