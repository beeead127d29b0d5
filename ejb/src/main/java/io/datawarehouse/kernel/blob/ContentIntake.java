package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.pipeline.ContentEncoder;
import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
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
   * @param encoding how they lie in the store; empty where they lie as they came
   */
  record Taken(long size, String etag, Optional<ContentEncoding> encoding) {}

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

  /** Takes everything through a pipeline, which digests it. */
  Taken copyTo(ContentEncoder encoder, ContentDigests digests) {
    while (!ended) {
      byte[] buffer = encoder.buffer();
      encoder.filled(fill(buffer, encoder.frameBytes()));
    }
    requireWhole();
    ContentEncoding encoding = encoder.finish();
    return new Taken(size, digests.finish(), Optional.of(encoding));
  }

  /** Copies everything as it comes. */
  Taken copyTo(BlobWriter writer, List<ContentDigest> announced, Workshop workshop) {
    ContentDigests digests = new ContentDigests(announced);
    takeHere(writer, digests, workshop.small);
    if (!ended) {
      takeBeside(writer, digests, workshop);
    }
    requireWhole();
    return new Taken(size, digests.finish(), Optional.empty());
  }

  private void requireWhole() {
    if (announcedLength.isPresent() && size < announcedLength.getAsLong()) {
      throw lengthMismatch("ended after " + size + " of");
    }
  }

  private void takeHere(BlobWriter writer, ContentDigests digests, FrameBuffers buffers) {
    byte[] buffer = buffers.take();
    try {
      while (!ended && size < DIGESTED_HERE) {
        int count = fill(buffer, buffer.length);
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
        int count = fill(buffer, buffer.length);
        lane.digestLater(buffer, count);
        writer.write(buffer, 0, count);
      }
      lane.finish();
    }
  }

  /** Reads until there are so many bytes or the content ends; returns how many there are. */
  private int fill(byte[] buffer, int most) {
    int filled = 0;
    while (filled < most) {
      int count = read(buffer, filled, most - filled);
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

  private int read(byte[] buffer, int offset, int most) {
    try {
      return stream.read(buffer, offset, most);
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
