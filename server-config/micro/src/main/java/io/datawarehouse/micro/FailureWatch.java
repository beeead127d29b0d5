package io.datawarehouse.micro;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Passes output on and remembers whether a line of it told that the boot failed, so that the
 * launcher does not say it twice. Thread-safe.
 */
final class FailureWatch extends OutputStream {

  /** What the one line starts with that tells why a node did not start. */
  static final String MARKER = "DW-BOOT-FAILED: ";

  private static final byte[] PATTERN = MARKER.getBytes(StandardCharsets.US_ASCII);

  private final OutputStream next;
  private int matched;
  private boolean seen;

  FailureWatch(OutputStream next) {
    this.next = next;
  }

  synchronized boolean seen() {
    return seen;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length && !seen; i++) {
      match(bytes[i]);
    }
    next.write(bytes, offset, length);
  }

  @Override
  public void flush() throws IOException {
    next.flush();
  }

  @Override
  public void close() throws IOException {
    next.close();
  }

  /**
   * No proper start of the marker ends in a start of it that matters, so a restart needs no table.
   */
  private void match(byte b) {
    if (b == PATTERN[matched]) {
      matched++;
    } else {
      matched = b == PATTERN[0] ? 1 : 0;
    }
    seen = matched == PATTERN.length;
    if (seen) {
      matched = 0;
    }
  }
}
