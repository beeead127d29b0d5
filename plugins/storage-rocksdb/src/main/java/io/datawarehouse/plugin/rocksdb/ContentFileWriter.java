package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Entry;
import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Trailer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes one content file, frame by frame. Confined to one thread at a time. */
final class ContentFileWriter implements AutoCloseable {

  private final long id;
  private final SequentialFile file;
  private final int frameBytes;

  private CRC32C checksum;
  private int inFrame;
  private int[] checksums = new int[16];
  private int frames;
  private long length;
  private boolean ended;

  ContentFileWriter(long id, SequentialFile file, int frameBytes) {
    this.id = id;
    this.file = file;
    this.frameBytes = frameBytes;
    this.checksum = ContentFileFormat.beginChecksum(id, 0);
    put(ContentFileFormat.header(id, frameBytes));
  }

  long id() {
    return id;
  }

  void write(byte[] source, int offset, int count) {
    if (ended) {
      throw new IllegalStateException("the content was ended already");
    }
    int from = offset;
    int rest = count;
    while (rest > 0) {
      int part = Math.min(rest, frameBytes - inFrame);
      checksum.update(source, from, part);
      file.put(source, from, part);
      from += part;
      rest -= part;
      inFrame += part;
      if (inFrame == frameBytes) {
        endFrame();
      }
    }
    length += count;
  }

  /** Writes the rest, without syncing it; nothing can be written after that. */
  ContentPlace.InFile end() {
    ended = true;
    if (inFrame > 0) {
      endFrame();
    }
    long indexOffset = file.length();
    long offset = ContentFileFormat.HEADER_BYTES;
    ByteBuffer entry = ByteBuffer.allocate(ContentFileFormat.ENTRY_BYTES);
    for (int i = 0; i < frames; i++) {
      int stored = (int) Math.min(frameBytes, indexOffset - offset);
      ContentFileFormat.putEntry(entry, new Entry(offset, stored, checksums[i]));
      offset += stored;
      put(entry.flip());
      entry.clear();
    }
    put(ContentFileFormat.trailer(new Trailer(indexOffset, frames, length), id));
    file.end();
    return new ContentPlace.InFile(id, length, file.length());
  }

  /** Makes the file's content durable. */
  void sync() {
    file.sync();
  }

  @Override
  public void close() {
    file.close();
  }

  private void endFrame() {
    if (frames == checksums.length) {
      checksums = Arrays.copyOf(checksums, frames * 2);
    }
    checksums[frames] = (int) checksum.getValue();
    frames++;
    inFrame = 0;
    checksum = ContentFileFormat.beginChecksum(id, frames);
  }

  private void put(ByteBuffer bytes) {
    file.put(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
  }
}
