package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Entry;
import io.datawarehouse.plugin.rocksdb.ContentFileFormat.Trailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes one content file, frame by frame. Confined to one thread at a time, but for the write-back
 * that runs beside it: every so many bytes the disk is asked to begin, so that little is left to do
 * for the last sync.
 */
final class ContentFileWriter implements AutoCloseable {

  private final long id;
  private final FileChannel channel;
  private final FrameBuffers buffers;
  private final Executor executor;
  private final long writebackBytes;
  private final AtomicBoolean writingBack = new AtomicBoolean();
  private final Object syncing = new Object();
  // The system reports a failed sync once, to whoever syncs first: it is kept for the end.
  private @Nullable IOException failedWriteback; // guarded by syncing

  private @Nullable ByteBuffer frame;
  private int[] checksums = new int[16];
  private int frames;
  private long length;
  private long position;
  private long askedUpTo;

  ContentFileWriter(
      long id, FileChannel channel, FrameBuffers buffers, Executor executor, long writebackBytes) {
    this.id = id;
    this.channel = channel;
    this.buffers = buffers;
    this.executor = executor;
    this.writebackBytes = writebackBytes;
    this.frame = buffers.borrow();
    put(ContentFileFormat.header(id, buffers.frameBytes()));
  }

  long id() {
    return id;
  }

  void write(byte[] source, int offset, int count) {
    int from = offset;
    int rest = count;
    while (rest > 0) {
      ByteBuffer target = frame();
      int part = Math.min(rest, target.remaining());
      target.put(source, from, part);
      from += part;
      rest -= part;
      if (!target.hasRemaining()) {
        endFrame(target);
      }
    }
    length += count;
  }

  /** Writes the rest, without syncing it; nothing can be written after that. */
  ContentPlace.InFile end() {
    ByteBuffer last = frame();
    if (last.position() > 0) {
      endFrame(last);
    }
    long indexOffset = position;
    long offset = ContentFileFormat.HEADER_BYTES;
    for (int i = 0; i < frames; i++) {
      int stored = (int) Math.min(buffers.frameBytes(), indexOffset - offset);
      ContentFileFormat.putEntry(last, new Entry(offset, stored, checksums[i]));
      offset += stored;
      if (last.remaining() < ContentFileFormat.ENTRY_BYTES) {
        put(last.flip());
        last.clear();
      }
    }
    put(last.flip());
    put(ContentFileFormat.trailer(new Trailer(indexOffset, frames, length), id));
    giveBackFrame();
    return new ContentPlace.InFile(id, length, position);
  }

  /** Makes the file's content durable. */
  void sync() {
    synchronized (syncing) {
      try {
        channel.force(true);
        IOException failed = failedWriteback;
        if (failed != null) {
          throw failed;
        }
      } catch (IOException e) {
        throw StorageErrors.of("syncing a content file", e);
      }
    }
  }

  @Override
  public void close() {
    giveBackFrame();
    try {
      channel.close();
    } catch (IOException e) {
      throw StorageErrors.of("closing a content file", e);
    }
  }

  private void endFrame(ByteBuffer full) {
    full.flip();
    if (frames == checksums.length) {
      checksums = Arrays.copyOf(checksums, frames * 2);
    }
    checksums[frames] = ContentFileFormat.frameChecksum(id, frames, full);
    frames++;
    put(full);
    full.clear();
    if (position - askedUpTo >= writebackBytes) {
      beginWriteback();
    }
  }

  private void put(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        position += channel.write(bytes);
      }
    } catch (IOException e) {
      throw StorageErrors.of("writing a content file", e);
    }
  }

  private void beginWriteback() {
    if (!writingBack.compareAndSet(false, true)) {
      return;
    }
    askedUpTo = position;
    try {
      executor.execute(this::writeBack);
    } catch (RejectedExecutionException e) {
      // Too much to do already; the last sync does it all.
      writingBack.set(false);
    }
  }

  private void writeBack() {
    synchronized (syncing) {
      try {
        if (channel.isOpen()) {
          channel.force(false);
        }
      } catch (IOException e) {
        failedWriteback = e;
      } finally {
        writingBack.set(false);
      }
    }
  }

  private ByteBuffer frame() {
    ByteBuffer present = frame;
    if (present == null) {
      throw new IllegalStateException("the content was ended already");
    }
    return present;
  }

  private void giveBackFrame() {
    ByteBuffer present = frame;
    frame = null;
    if (present != null) {
      buffers.giveBack(present);
    }
  }
}
