package io.datawarehouse.kernel.blob;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/**
 * Takes the content of one write, piece by piece through a few buffers, and checks it against what
 * was announced. What goes beyond the beginning is digested beside reading and storing, because
 * digesting costs about as much as these together. Confined to one thread.
 */
final class ContentIntake {

  /** As long as content is no longer than this, handing it over costs more than it saves. */
  private static final long DIGESTED_HERE = 1024 * 1024;

  /**
   * What was taken.
   *
   * @param size how many bytes
   * @param etag their SHA-256 in hexadecimal digits
   */
  record Taken(long size, String etag) {}

  /**
   * What all writers share.
   *
   * @param small buffers for the beginning of content
   * @param large buffers for the rest
   * @param executor digests beside the writer's thread
   */
  record Workshop(FrameBuffers small, FrameBuffers large, Executor executor) {}

  private final InputStream stream;
  private final OptionalLong announcedLength;
  private final LongConsumer whileReading;
  private long size;
  private boolean ended;

  /**
   * Begins to take content.
   *
   * @param whileReading called with the size so far whenever more has come; may throw to stop
   */
  ContentIntake(Content content, LongConsumer whileReading) {
    this.stream = content.stream();
    this.announcedLength = content.length();
    this.whileReading = whileReading;
  }

  /** Copies everything. */
  Taken copyTo(BlobWriter writer, List<ContentDigest> announced, Workshop workshop) {
    ContentDigests digests = new ContentDigests(announced);
    takeHere(writer, digests, workshop.small);
    if (!ended) {
      takeBeside(writer, digests, workshop);
    }
    if (announcedLength.isPresent() && size < announcedLength.getAsLong()) {
      throw lengthMismatch("ended after " + size + " of");
    }
    return new Taken(size, digests.finish());
  }

  private void takeHere(BlobWriter writer, ContentDigests digests, FrameBuffers buffers) {
    byte[] buffer = buffers.take();
    try {
      while (!ended && size < DIGESTED_HERE) {
        int count = fill(buffer);
        digests.update(buffer, count);
        writer.write(buffer, 0, count);
      }
    } finally {
      buffers.giveBack(buffer);
    }
  }

  private void takeBeside(BlobWriter writer, ContentDigests digests, Workshop workshop) {
    try (DigestLane lane = new DigestLane(digests, workshop.executor, workshop.large)) {
      while (!ended) {
        byte[] buffer = lane.take();
        int count = fill(buffer);
        lane.digestLater(buffer, count);
        writer.write(buffer, 0, count);
      }
      lane.finish();
    }
  }

  /** Reads until the buffer is full or the content ends; returns how many bytes there are. */
  private int fill(byte[] buffer) {
    int filled = 0;
    while (filled < buffer.length) {
      int count = read(buffer, filled);
      if (count < 0) {
        ended = true;
        return filled;
      }
      filled += count;
      size += count;
      if (announcedLength.isPresent() && size > announcedLength.getAsLong()) {
        throw lengthMismatch("goes on after");
      }
      whileReading.accept(size);
    }
    return filled;
  }

  private int read(byte[] buffer, int offset) {
    try {
      return stream.read(buffer, offset, buffer.length - offset);
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.CONTENT_INTERRUPTED,
          "the sender of the content went away after " + size + " bytes; nothing was stored",
          e);
    }
  }

  private WarehouseException lengthMismatch(String what) {
    return new WarehouseException(
        StandardErrorCode.CONTENT_LENGTH_MISMATCH,
        "the content "
            + what
            + " the announced "
            + announcedLength.orElse(0)
            + " bytes; nothing was stored");
  }
}
