package io.datawarehouse.kernel.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of content as it was written. Frames are read ahead, more of them the longer one reads,
 * and decoded beside the reader's thread. Confined to one thread at a time.
 */
final class DecodedContent extends InputStream {

  private final StoredFrames frames;
  private final FrameLane lane;
  private final ContentSecret secret;
  private final int frameBytes;
  private final long end;
  private final long last;
  private long position;
  private long toFetch;
  private int ahead = 1;
  private int inLine;
  private @Nullable Frame current;
  private @Nullable RuntimeException failure;
  private boolean closed;

  /**
   * Opens a part; the first frame is read by {@link #begin()}.
   *
   * @param offset the first byte
   * @param length how many bytes, at most what follows
   */
  DecodedContent(
      StoredFrames frames, FrameLane lane, ContentSecret secret, long offset, long length) {
    this.frames = frames;
    this.lane = lane;
    this.secret = secret;
    this.frameBytes = secret.frameBytes();
    this.position = offset;
    this.end = offset + length;
    this.toFetch = offset / frameBytes;
    this.last = length == 0 ? toFetch : (end - 1) / frameBytes;
  }

  /** Reads and decodes the first frame at once: what is corrupt at the start shows early. */
  void begin() {
    frames.seek(toFetch, last);
    current = nextFrame();
  }

  /** What failed once fails again: the lane may have lost its place. */
  private Frame nextFrame() {
    if (failure != null) {
      throw failure;
    }
    try {
      return fetchAndDecode();
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  private Frame fetchAndDecode() {
    while (toFetch <= last && inLine < ahead) {
      Frame frame = lane.poll();
      if (frame == null) {
        break;
      }
      boolean fetched = false;
      try {
        frames.fetch(frame);
        fetched = true;
      } finally {
        if (!fetched) {
          lane.giveBack(frame);
        }
      }
      toFetch++;
      inLine++;
      lane.submit(frame);
    }
    ahead = Integer.MAX_VALUE;
    Frame oldest = lane.oldest();
    inLine--;
    return oldest;
  }

  /** Returns the frame with the next byte, or null at the end. */
  private @Nullable Frame ready() throws IOException {
    if (closed) {
      throw new IOException("the content was closed");
    }
    if (position == end) {
      return null;
    }
    Frame present = current;
    if (present != null && position / frameBytes == present.number) {
      return present;
    }
    if (present != null) {
      current = null;
      lane.giveBack(present);
    }
    Frame next = nextFrame();
    current = next;
    return next;
  }

  private int remaining(Frame frame) {
    long frameEnd = Math.min(end, frame.number * frameBytes + frame.contentBytes);
    return (int) (frameEnd - position);
  }

  @Override
  public int read() throws IOException {
    Frame frame = ready();
    if (frame == null) {
      return -1;
    }
    int value = frame.content[(int) (position % frameBytes)] & 0xFF;
    position++;
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    Frame frame = ready();
    if (frame == null) {
      return -1;
    }
    int count = Math.min(length, remaining(frame));
    System.arraycopy(frame.content, (int) (position % frameBytes), target, offset, count);
    position += count;
    return count;
  }

  @Override
  public long transferTo(OutputStream target) throws IOException {
    long sum = 0;
    for (Frame frame = ready(); frame != null; frame = ready()) {
      int count = remaining(frame);
      target.write(frame.content, (int) (position % frameBytes), count);
      position += count;
      sum += count;
    }
    return sum;
  }

  @Override
  public int available() {
    Frame frame = current;
    return frame == null || closed || position == end || position / frameBytes != frame.number
        ? 0
        : remaining(frame);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (current != null) {
      lane.giveBack(current);
      current = null;
    }
    lane.close();
    secret.close();
  }
}
