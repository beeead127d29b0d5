package io.datawarehouse.kernel.blob;

import java.io.IOException;
import java.io.InputStream;

/** A part of a copy in memory. Confined to one thread at a time. */
final class CopyStream extends InputStream {

  private final InputStream source;
  private final BlobMetrics metrics;
  private long left;
  private long given;
  private boolean closed;

  /**
   * Begins at the part.
   *
   * @param source all bytes of the copy
   */
  CopyStream(InputStream source, long offset, long length, BlobMetrics metrics) throws IOException {
    source.skipNBytes(offset);
    this.source = source;
    this.left = length;
    this.metrics = metrics;
  }

  @Override
  public int read() throws IOException {
    requireOpen();
    int value = left == 0 ? -1 : source.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    requireOpen();
    if (left == 0 && length > 0) {
      return -1;
    }
    int count = source.read(target, offset, (int) Math.min(left, length));
    count(Math.max(0, count));
    return count;
  }

  @Override
  public int available() {
    return closed ? 0 : (int) Math.min(left, Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      metrics.read(given);
    }
  }

  private void count(int bytes) {
    left -= bytes;
    given += bytes;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the content was closed");
    }
  }
}
