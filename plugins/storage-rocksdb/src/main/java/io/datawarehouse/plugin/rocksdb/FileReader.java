package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.storage.BlobReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A large version. Its file is open from the beginning, so that it can be read to its end whatever
 * becomes of the version. Confined to one thread at a time.
 */
final class FileReader implements BlobReader {

  private static final int COPY_BYTES = 64 * 1024;

  private final RocksDbStore store;
  private final BlobManifest manifest;
  private final ContentPlace.InFile place;
  private final FileChannel channel;
  private @Nullable ContentFileReader file;
  private @Nullable FrameStream stream;
  private boolean closed;

  FileReader(
      RocksDbStore store, BlobManifest manifest, ContentPlace.InFile place, FileChannel channel) {
    this.store = store;
    this.manifest = manifest;
    this.place = place;
    this.channel = channel;
  }

  @Override
  public BlobManifest manifest() {
    return manifest;
  }

  /** Reads and checks the first frame at once: what is corrupt at the start shows early. */
  @Override
  public InputStream open(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, place.length());
    if (closed) {
      throw new IllegalStateException("the reader of " + manifest.key() + " was closed");
    }
    if (stream != null) {
      stream.close();
    }
    FrameStream opened = new FrameStream(file(), offset, length);
    stream = opened;
    opened.loadFirst();
    return opened;
  }

  private ContentFileReader file() {
    ContentFileReader present = file;
    if (present == null) {
      try {
        present = new ContentFileReader(manifest.blobKey(), place, channel);
      } catch (WarehouseException e) {
        throw counted(e);
      }
      file = present;
    }
    return present;
  }

  private WarehouseException counted(WarehouseException failure) {
    if (failure.code() == StandardErrorCode.BLOB_CORRUPT) {
      store.metrics().foundCorrupt();
    }
    return failure;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (stream != null) {
        stream.close();
      }
      channel.close();
    } catch (IOException e) {
      throw StorageErrors.of("closing a content file", e);
    } finally {
      store.handleClosed();
    }
  }

  /** Holds one frame at a time. */
  private final class FrameStream extends InputStream {

    private final ContentFileReader reader;
    private final long framesBefore;
    private final long end;
    private final long begin;
    private long position;
    private @Nullable ByteBuffer frame;
    private boolean streamClosed;

    FrameStream(ContentFileReader reader, long offset, long length) {
      this.reader = reader;
      framesBefore = reader.framesRead();
      position = offset;
      begin = offset;
      end = offset + length;
    }

    void loadFirst() {
      if (position < end) {
        load();
      }
    }

    @Override
    public int read() throws IOException {
      ByteBuffer source = ready();
      if (source == null) {
        return -1;
      }
      int value = source.get() & 0xFF;
      advance(1);
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      ByteBuffer source = ready();
      if (source == null) {
        return -1;
      }
      int count = Math.min(length, source.remaining());
      source.get(target, offset, count);
      advance(count);
      return count;
    }

    @Override
    public long transferTo(OutputStream target) throws IOException {
      byte[] copy = new byte[COPY_BYTES];
      long sum = 0;
      for (int count = read(copy); count >= 0; count = read(copy)) {
        target.write(copy, 0, count);
        sum += count;
      }
      return sum;
    }

    @Override
    public int available() {
      ByteBuffer present = frame;
      return present == null ? 0 : present.remaining();
    }

    @Override
    public void close() {
      if (!streamClosed) {
        streamClosed = true;
        giveBack();
        store.metrics().read(position - begin);
        store.metrics().framesRead(reader.framesRead() - framesBefore);
      }
    }

    /** Returns the frame with the next byte at its position, or null at the end. */
    private @Nullable ByteBuffer ready() throws IOException {
      if (streamClosed) {
        throw new IOException("the content was closed");
      }
      if (position == end) {
        return null;
      }
      ByteBuffer present = frame;
      return present != null && present.hasRemaining() ? present : load();
    }

    private ByteBuffer load() {
      ByteBuffer target = frame;
      if (target == null) {
        target = store.buffers().borrow();
        frame = target;
      }
      long number = position / reader.frameBytes();
      long frameBegin = number * reader.frameBytes();
      try {
        reader.read(number, target);
      } catch (WarehouseException e) {
        target.limit(0);
        throw counted(e);
      }
      target.limit((int) Math.min(target.limit(), end - frameBegin));
      return target.position((int) (position - frameBegin));
    }

    private void advance(int count) {
      position += count;
      if (position == end) {
        giveBack();
      }
    }

    private void giveBack() {
      ByteBuffer present = frame;
      frame = null;
      if (present != null) {
        store.buffers().giveBack(present);
      }
    }
  }
}
