package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows, durably, which content files may exist although no version has them: those that are being
 * written and those of versions that were replaced or deleted. So a start after a crash removes
 * these and looks at no other file.
 *
 * <p>Ids are recorded in blocks before their files are created, so that one sync serves many
 * writers. The batch that commits a version takes its id off the record; the batch that replaces
 * one puts its id on. An id leaves the record otherwise only after the removal of its file is
 * durable. Ids grow and are never used twice: the upper 24 bits are the number of this opening.
 *
 * <p>Thread-safe.
 */
final class UnreferencedContent {

  private static final int BLOCK = 64;
  private static final int EPOCH_SHIFT = 40;
  private static final int MOST_AT_ONCE = 256;

  private final Database database;
  private final ContentFiles files;
  private final Executor executor;
  private final WriteStep.Watcher watcher;
  private final System.Logger logger;
  private final AtomicLong nextId;
  private final Deque<Long> reserved = new ArrayDeque<>();
  private final Queue<Long> dropped = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();

  UnreferencedContent(
      Database database,
      ContentFiles files,
      Executor executor,
      WriteStep.Watcher watcher,
      System.Logger logger) {
    this.database = database;
    this.files = files;
    this.executor = executor;
    this.watcher = watcher;
    this.logger = logger;
    this.nextId = new AtomicLong(openEpoch(database) << EPOCH_SHIFT);
  }

  /**
   * Counts this opening. The write need not be synced: if it is lost, so is all that came after it
   * in the log, and with it every trace of this opening's ids.
   */
  private static long openEpoch(Database database) {
    byte[] last = database.get(Family.META, Keys.EPOCH);
    long epoch = last == null ? 1 : Batch.counterOf(last) + 1;
    if (epoch >= 1L << (Long.SIZE - EPOCH_SHIFT - 1)) {
      throw new IllegalStateException("the store has been opened too often: " + epoch);
    }
    database.writeLazily(batch -> batch.put(Family.META, Keys.EPOCH, Batch.counter(epoch)));
    return epoch;
  }

  /** Returns an id for content that gets no file. */
  long nextInlineId() {
    return nextId.getAndIncrement();
  }

  /** Returns an id for a file; it is durably on the record already. */
  long reserve() {
    long id;
    synchronized (reserved) {
      if (reserved.isEmpty()) {
        reserved.addAll(recordBlock());
      }
      id = reserved.remove();
    }
    watcher.at(WriteStep.RESERVED);
    return id;
  }

  private List<Long> recordBlock() {
    List<Long> block = new ArrayList<>(BLOCK);
    for (int i = 0; i < BLOCK; i++) {
      block.add(nextId.getAndIncrement());
    }
    database.write(
        batch ->
            block.forEach(id -> batch.put(Family.UNREFERENCED, Keys.content(id), new byte[] {1})));
    return block;
  }

  /** Adds to a batch that the content belongs to a version from now on. */
  static void claim(Batch batch, ContentPlace place) {
    if (place instanceof ContentPlace.InFile) {
      batch.delete(Family.UNREFERENCED, Keys.content(place.id()));
    }
  }

  /** Adds to a batch that the content belongs to no version any more. */
  static void release(Batch batch, ContentPlace place) {
    if (place instanceof ContentPlace.InFile) {
      batch.put(Family.UNREFERENCED, Keys.content(place.id()), new byte[] {1});
    } else if (place.length() > 0) {
      batch.deleteOnly(Family.INLINE, Keys.content(place.id()));
    }
  }

  /** Removes a file that is on the record, soon. Who has it open can read it to its end. */
  void drop(long id) {
    dropped.add(id);
    if (sweeping.compareAndSet(false, true)) {
      try {
        executor.execute(this::sweepInTurn);
      } catch (RejectedExecutionException e) {
        // The node is stopping: the files go at the end of the stop, or at the next start.
        sweeping.set(false);
      }
    }
  }

  private void sweepInTurn() {
    do {
      try {
        sweepDropped();
      } catch (WarehouseException e) {
        boolean stopping = e.code() == StandardErrorCode.UNAVAILABLE;
        logger.log(
            stopping ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
            "Content files that nothing refers to could not be removed; the next start tries again",
            e);
      } finally {
        sweeping.set(false);
      }
    } while (!dropped.isEmpty() && sweeping.compareAndSet(false, true));
  }

  /** Removes the files that were dropped so far. */
  synchronized void sweepDropped() {
    List<Long> some = new ArrayList<>();
    for (Long id = dropped.poll(); id != null; id = dropped.poll()) {
      some.add(id);
      if (some.size() == MOST_AT_ONCE) {
        removeAndForget(some);
        some.clear();
      }
    }
    if (!some.isEmpty()) {
      removeAndForget(some);
    }
  }

  /** Removes every file on the record. Called at the start, before anything is written. */
  int sweepAll() {
    List<Long> all = new ArrayList<>();
    database.forEach(
        Family.UNREFERENCED,
        new byte[0],
        Keys.content(-1),
        (key, value) -> all.add(Keys.contentOf(key)));
    if (!all.isEmpty()) {
      removeAndForget(all);
    }
    return all.size();
  }

  /** Removes what was dropped, and takes ids off the record that were never used. */
  void close() {
    sweepDropped();
    synchronized (reserved) {
      forget(reserved);
      reserved.clear();
    }
  }

  private void removeAndForget(Collection<Long> ids) {
    files.remove(ids);
    watcher.at(WriteStep.REPLACED_UNLINKED);
    forget(ids);
  }

  private void forget(Collection<Long> ids) {
    database.writeLazily(
        batch -> ids.forEach(id -> batch.delete(Family.UNREFERENCED, Keys.content(id))));
  }
}
