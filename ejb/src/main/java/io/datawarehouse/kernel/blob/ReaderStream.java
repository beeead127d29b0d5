package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The content of one read: closing it closes the reader that it comes from, once. Confined to one
 * thread at a time.
 */
final class ReaderStream extends InputStream {

  private final InputStream source;
  private final BlobReader reader;
  private final BlobMetrics metrics;
  private final AtomicBoolean closed = new AtomicBoolean();
  private long given;

  ReaderStream(InputStream source, BlobReader reader, BlobMetrics metrics) {
    this.source = source;
    this.reader = reader;
    this.metrics = metrics;
  }

  @Override
  public int read() throws IOException {
    requireOpen();
    try {
      int value = source.read();
      given += value < 0 ? 0 : 1;
      return value;
    } catch (WarehouseException e) {
      throw counted(e);
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    requireOpen();
    try {
      int count = source.read(target, offset, length);
      given += Math.max(0, count);
      return count;
    } catch (WarehouseException e) {
      throw counted(e);
    }
  }

  @Override
  public long transferTo(OutputStream target) throws IOException {
    requireOpen();
    try {
      long count = source.transferTo(target);
      given += count;
      return count;
    } catch (WarehouseException e) {
      throw counted(e);
    }
  }

  @Override
  public int available() throws IOException {
    return closed.get() ? 0 : source.available();
  }

  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    metrics.read(given);
    try (reader) {
      source.close();
    }
  }

  private void requireOpen() throws IOException {
    if (closed.get()) {
      throw new IOException("the content was closed");
    }
  }

  private WarehouseException counted(WarehouseException failure) {
    metrics.failed("read", failure.code());
    return failure;
  }
}
