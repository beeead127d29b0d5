package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ContentEncoding;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one content as they are stored, and of the index what it needs. Confined to
 * one thread at a time.
 */
final class StoredFrames {

  /** So many entries of the index are read to say exactly what is wanted of the store. */
  private static final int ENTRIES_AT_ONCE = 64;

  private final BlobReader reader;
  private final BlobManifest manifest;
  private final int frameBytes;
  private final int mostStoredBytes;
  private final long frames;
  private final long end;
  private final byte[] small = new byte[Long.BYTES];
  private @Nullable InputStream stream;
  private long next;

  StoredFrames(BlobReader reader, ContentEncoding encoding, Pipeline pipeline) {
    this.reader = reader;
    this.manifest = reader.manifest();
    this.frameBytes = encoding.frameBytes();
    this.frames = FrameLayout.frames(manifest.size(), frameBytes);
    this.end = encoding.length() - FrameLayout.indexBytes(frames);
    this.mostStoredBytes = pipeline.mostStoredBytes(frameBytes);
    if (end <= frames * FrameLayout.LENGTH_BYTES) {
      throw corrupt("its frames do not fit into its length");
    }
  }

  long count() {
    return frames;
  }

  /** Goes to a frame, to read it and those that follow up to another. */
  void seek(long first, long last) {
    long from = 0;
    long to = Long.MAX_VALUE;
    // From the first frame on it is the end alone that the index tells, where it is near.
    if (first > 0 || last < frames - 1 && last + 2 <= ENTRIES_AT_ONCE) {
      int entries = (int) Math.min(ENTRIES_AT_ONCE, Math.min(last + 1, frames - 1) - first + 1);
      ByteBuffer index = entries(first, entries);
      from = index.getLong(0);
      if (first + entries - 1 == last + 1) {
        to = index.getLong((entries - 1) * FrameLayout.ENTRY_BYTES);
      }
    }
    if (from < 0 || from >= end || from >= to || to > end && to < Long.MAX_VALUE) {
      throw corrupt("the index entry of frame " + first + " is wrong");
    }
    long most = (last - first + 1) * (FrameLayout.LENGTH_BYTES + (long) mostStoredBytes);
    stream = open(from, Math.min(Math.min(to, end) - from, most));
    next = first;
  }

  private InputStream open(long offset, long length) {
    try {
      return reader.open(offset, length);
    } catch (IndexOutOfBoundsException e) {
      throw corrupt("its stored content is shorter than its manifest says");
    }
  }

  private ByteBuffer entries(long first, int count) {
    byte[] bytes = new byte[count * FrameLayout.ENTRY_BYTES];
    readFully(
        open(end + first * FrameLayout.ENTRY_BYTES, bytes.length),
        bytes,
        bytes.length,
        "the index");
    return ByteBuffer.wrap(bytes);
  }

  /** Reads the next frame as it is stored. */
  void fetch(Frame frame) {
    InputStream source = stream;
    if (source == null) {
      throw new IllegalStateException("no frame was looked for");
    }
    frame.number = next++;
    frame.last = frame.number == frames - 1;
    frame.contentBytes = FrameLayout.contentBytes(frame.number, manifest.size(), frameBytes);
    readFully(source, small, FrameLayout.LENGTH_BYTES, "the length of frame " + frame.number);
    int length = ByteBuffer.wrap(small).getInt(0);
    if (length < 1 || length > mostStoredBytes) {
      throw corrupt("frame " + frame.number + " cannot be " + length + " bytes long");
    }
    readFully(source, frame.stored, length, "frame " + frame.number);
    frame.storedBytes = length;
  }

  /** Returns the number of a frame whose entry in the index is wrong, or -1; reads all of it. */
  long findWrongEntry(int[] storedBytes) {
    if (frames == 1) {
      return -1;
    }
    InputStream index = open(end, FrameLayout.indexBytes(frames));
    long place = 0;
    for (int i = 0; i < frames; i++) {
      readFully(index, small, FrameLayout.ENTRY_BYTES, "the index");
      if (ByteBuffer.wrap(small).getLong(0) != place) {
        return i;
      }
      place += FrameLayout.LENGTH_BYTES + storedBytes[i];
    }
    return -1;
  }

  private void readFully(InputStream source, byte[] target, int length, String what) {
    try {
      if (source.readNBytes(target, 0, length) < length) {
        throw corrupt(what + " is not there, the stored content is too short");
      }
    } catch (IOException e) {
      throw new WarehouseException(
          StandardErrorCode.STORAGE_FAILED,
          "reading " + WarehouseException.shown(manifest.blobKey()) + " failed",
          e);
    }
  }

  private WarehouseException corrupt(String why) {
    return Damage.of(manifest.blobKey(), why);
  }
}
