package io.datawarehouse.plugin.rocksdb;

import org.jspecify.annotations.Nullable;

/** A content file that no version has yet. Removed when it is closed, unless a version got it. */
final class StagedFile implements StagedContent, AutoCloseable {

  private static final long ROOM_CHECK_BYTES = 16L << 20;

  private final RocksDbStore store;
  private final ContentFileWriter writer;
  private long untilRoomCheck = ROOM_CHECK_BYTES;
  private ContentPlace.@Nullable InFile place;
  private boolean mayBeReferenced;

  StagedFile(RocksDbStore store, long expectedBytes) {
    this.store = store;
    store.requireRoom(expectedBytes);
    long id = store.unreferenced().reserve();
    writer =
        new ContentFileWriter(
            id,
            new SequentialFile(
                store.files().create(id, expectedBytes),
                store.buffers(),
                store.surroundings().executor(),
                store.options().writebackBytes()),
            store.options().frameBytes());
    store.surroundings().watcher().at(WriteStep.FILE_CREATED);
  }

  void write(byte[] source, int offset, int length) {
    untilRoomCheck -= length;
    if (untilRoomCheck < 0) {
      store.requireRoom(ROOM_CHECK_BYTES);
      untilRoomCheck = ROOM_CHECK_BYTES;
    }
    writer.write(source, offset, length);
  }

  /** Writes what is left and makes the file durable. */
  void finish() {
    place = writer.end();
    store.surroundings().watcher().at(WriteStep.FILE_WRITTEN);
    long begin = System.nanoTime();
    writer.sync();
    store.files().syncDirectoryOf(writer.id());
    store.metrics().fileSynced(System.nanoTime() - begin);
    store.surroundings().watcher().at(WriteStep.FILE_SYNCED);
  }

  @Override
  public ContentPlace place() {
    ContentPlace.InFile finished = place;
    if (finished == null) {
      throw new IllegalStateException("the file is not finished");
    }
    return finished;
  }

  @Override
  public void putContent(Batch batch) {
    // It is in the file; the batch takes the file's id off the record of unreferenced ones.
  }

  @Override
  public void mayBeReferenced() {
    mayBeReferenced = true;
  }

  @Override
  public void close() {
    try {
      writer.close();
    } finally {
      if (!mayBeReferenced) {
        store.files().unlink(writer.id());
        store.unreferenced().drop(writer.id());
      }
    }
  }
}
