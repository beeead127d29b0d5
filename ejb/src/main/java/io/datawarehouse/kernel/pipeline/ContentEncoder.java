package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes one content through a pipeline into the store: the caller asks for a buffer, fills it, says
 * how far, again and again, and then finishes. A frame waits until it is known whether another one
 * follows. Confined to one thread at a time.
 */
public final class ContentEncoder implements AutoCloseable {

  /** What sees all content in its order, on any thread, while frames are encoded. */
  @FunctionalInterface
  public interface Digest {
    /** Takes more content. */
    void update(byte[] content, int length);
  }

  private static final int FIRST_LENGTHS = 16;

  private final BlobWriter writer;
  private final Bytes contentId;
  private final ContentSecret secret;
  private final FrameLane lane;
  private @Nullable Frame filling;
  private @Nullable Frame pending;
  private long number;
  private int[] lengths = new int[FIRST_LENGTHS];
  private int frames;
  private long written;

  ContentEncoder(
      Pipeline pipeline,
      BlobWriter writer,
      Bytes contentId,
      ContentSecret secret,
      Digest digest,
      FrameLane.Workshop workshop) {
    this.writer = writer;
    this.contentId = contentId;
    this.secret = secret;
    this.lane =
        new FrameLane(
            workshop,
            pipeline.mostBytes(secret.frameBytes()),
            () -> new EncodingCoder(pipeline, workshop.pool(), secret),
            frame -> digest.update(frame.content, frame.contentBytes));
  }

  /** Returns how many bytes of a buffer are filled but for the last. */
  public int frameBytes() {
    return secret.frameBytes();
  }

  /** Returns a buffer, longer than a frame, to be filled from its beginning. */
  public byte[] buffer() {
    Frame present = filling;
    if (present == null) {
      present = takeFrame();
      filling = present;
    }
    return present.content;
  }

  private Frame takeFrame() {
    for (Frame done = lane.pollOldest(); done != null; done = lane.pollOldest()) {
      store(done);
    }
    while (true) {
      Frame frame = lane.poll();
      if (frame != null) {
        return frame;
      }
      store(lane.oldest());
    }
  }

  /** Says that the buffer was filled so far; less than a frame only where content ends. */
  public void filled(int count) {
    Frame present = filling;
    if (present == null) {
      throw new IllegalStateException("no buffer was asked for");
    }
    Frame before = pending;
    if (count == 0 && before != null) {
      return;
    }
    if (before != null) {
      submit(before, false);
    }
    present.contentBytes = count;
    pending = present;
    filling = null;
  }

  /** Stores the rest; after that nothing is filled any more. */
  public ContentEncoding finish() {
    Frame before = pending;
    if (before == null) {
      buffer();
      filled(0);
      return finish();
    }
    pending = null;
    submit(before, true);
    while (lane.busy()) {
      store(lane.oldest());
    }
    if (frames > 1) {
      storeIndex();
    }
    return new ContentEncoding(secret.frameBytes(), written, contentId, secret.wrappedKey());
  }

  private void submit(Frame frame, boolean last) {
    frame.number = number++;
    frame.last = last;
    lane.submit(frame);
  }

  private void store(Frame frame) {
    try {
      writer.write(frame.stored, 0, frame.storedBytes);
    } finally {
      lane.giveBack(frame);
    }
    written += frame.storedBytes;
    if (frames == lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * frames);
    }
    lengths[frames++] = frame.storedBytes;
  }

  private void storeIndex() {
    byte[] part = buffer();
    ByteBuffer index = ByteBuffer.wrap(part, 0, secret.frameBytes());
    long place = 0;
    for (int i = 0; i < frames; i++) {
      if (index.remaining() < FrameLayout.ENTRY_BYTES) {
        storeIndex(part, index.position());
        index.rewind();
      }
      index.putLong(place);
      place += lengths[i];
    }
    storeIndex(part, index.position());
  }

  private void storeIndex(byte[] part, int length) {
    writer.write(part, 0, length);
    written += length;
  }

  /** Gives everything back and wipes the key. Does nothing the second time. */
  @Override
  public void close() {
    giveBack(filling);
    giveBack(pending);
    filling = null;
    pending = null;
    lane.close();
    secret.close();
  }

  private void giveBack(@Nullable Frame frame) {
    if (frame != null) {
      lane.giveBack(frame);
    }
  }
}
