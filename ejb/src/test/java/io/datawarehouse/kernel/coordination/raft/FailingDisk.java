package io.datawarehouse.kernel.coordination.raft;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that fails and works again as it is told. */
final class FailingDisk implements LogDisk {

  static final String REASON = "no space left on device";

  /** How many writes it refused. */
  final AtomicInteger refused = new AtomicInteger();

  /** How many files it put in place of others. */
  final AtomicInteger replaced = new AtomicInteger();

  private volatile boolean failing;
  private volatile boolean halfWritten;

  void fail() {
    failing = true;
  }

  /** Fails, and leaves what it was to append on the disk: only the waiting for it fails. */
  void failBehind() {
    halfWritten = true;
    failing = true;
  }

  void work() {
    failing = false;
    halfWritten = false;
  }

  @Override
  public void append(RandomAccessFile file, byte[] bytes, boolean wait) throws IOException {
    if (halfWritten) {
      file.write(bytes);
    }
    refuse();
    REAL.append(file, bytes, wait);
  }

  @Override
  public void replace(Path target, Path temporary, byte[] content) throws IOException {
    refuse();
    REAL.replace(target, temporary, content);
    replaced.incrementAndGet();
  }

  private void refuse() throws IOException {
    if (failing) {
      refused.incrementAndGet();
      throw new IOException(REASON);
    }
  }
}
