package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Entry;
import io.datawarehouse.plugin.rocksdb.ContentFileFormat.MalformedFile;
import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Trailer;
import io.datawarehouse.sdk.blob.BlobKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads frames of one content file and checks them. Reads the index piece by piece, so that a place
 * anywhere in the file costs one piece of the index and the frame itself. Confined to one thread at
 * a time.
 */
final class ContentFileReader {

  private static final int ENTRIES_AT_ONCE = 64;

  private final BlobKey key;
  private final ContentPlace.InFile place;
  private final FileChannel channel;
  private final int frameBytes;
  private final Trailer trailer;
  private final ByteBuffer entries =
      ByteBuffer.allocate(ENTRIES_AT_ONCE * ContentFileFormat.ENTRY_BYTES);
  private long firstEntry = -1;
  private long framesRead;

  /** Reads and checks header and trailer. */
  ContentFileReader(BlobKey key, ContentPlace.InFile place, FileChannel channel) {
    this.key = key;
    this.place = place;
    this.channel = channel;
    ByteBuffer header = ByteBuffer.allocate(ContentFileFormat.HEADER_BYTES);
    ByteBuffer end = ByteBuffer.allocate(ContentFileFormat.TRAILER_BYTES);
    try {
      read(header, 0, "the header");
      read(end, place.storedLength() - ContentFileFormat.TRAILER_BYTES, "the trailer");
      this.frameBytes = ContentFileFormat.frameBytes(header, place.id());
      this.trailer = ContentFileFormat.trailer(end, place.id());
    } catch (MalformedFile e) {
      throw StorageErrors.corrupt(key, e.getMessage());
    }
    if (trailer.length() != place.length() || !indexFits()) {
      throw StorageErrors.corrupt(key, "its file is not of the length that its manifest says");
    }
  }

  private boolean indexFits() {
    long indexBytes = trailer.frames() * ContentFileFormat.ENTRY_BYTES;
    return trailer.frames() == (place.length() + frameBytes - 1) / frameBytes
        && trailer.indexOffset() + indexBytes + ContentFileFormat.TRAILER_BYTES
            == place.storedLength();
  }

  int frameBytes() {
    return frameBytes;
  }

  /** Returns how many frames were read from the disk. */
  long framesRead() {
    return framesRead;
  }

  /** Reads a frame into the buffer, which then holds its content from position to limit. */
  void read(long number, ByteBuffer target) {
    Entry entry = entry(number);
    int plain = (int) Math.min(frameBytes, place.length() - number * frameBytes);
    if (entry.storedLength() != plain
        || entry.offset() < ContentFileFormat.HEADER_BYTES
        || entry.offset() + entry.storedLength() > trailer.indexOffset()) {
      throw StorageErrors.corrupt(key, "the index entry of frame " + number + " is wrong");
    }
    target.clear().limit(plain);
    read(target, entry.offset(), "frame " + number);
    framesRead++;
    if (ContentFileFormat.frameChecksum(place.id(), number, target) != entry.checksum()) {
      throw StorageErrors.corrupt(key, "frame " + number + " does not have its checksum");
    }
  }

  private Entry entry(long number) {
    if (firstEntry < 0 || number < firstEntry || number >= firstEntry + ENTRIES_AT_ONCE) {
      long count = Math.min(ENTRIES_AT_ONCE, trailer.frames() - number);
      entries.clear().limit((int) count * ContentFileFormat.ENTRY_BYTES);
      read(
          entries,
          trailer.indexOffset() + number * ContentFileFormat.ENTRY_BYTES,
          "the index entry of frame " + number);
      firstEntry = number;
    }
    return ContentFileFormat.entry(
        entries.duplicate().position((int) (number - firstEntry) * ContentFileFormat.ENTRY_BYTES));
  }

  /** Fills the buffer from that place of the file and flips it. */
  private void read(ByteBuffer target, long from, String what) {
    long at = from;
    try {
      while (target.hasRemaining()) {
        int count = at < 0 ? -1 : channel.read(target, at);
        if (count < 0) {
          throw StorageErrors.corrupt(key, what + " is not there, its file is too short");
        }
        at += count;
      }
      target.flip();
    } catch (IOException e) {
      throw StorageErrors.of("reading a content file", e);
    }
  }
}
