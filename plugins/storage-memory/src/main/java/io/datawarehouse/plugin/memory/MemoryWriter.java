package io.datawarehouse.plugin.memory;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Collects content in memory, counted as it comes. Confined to one thread at a time. */
final class MemoryWriter implements BlobWriter {

  private enum State {
    OPEN,
    COMMITTED,
    CLOSED
  }

  private final MemoryStore store;
  private final MemoryBucket bucket;
  private final BlobKey key;
  private final Chunks.Builder chunks = new Chunks.Builder();
  private long taken;
  private State state = State.OPEN;

  MemoryWriter(MemoryStore store, MemoryBucket bucket, BlobKey key) {
    this.store = store;
    this.bucket = bucket;
    this.key = key;
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    requireOpen();
    store.take(length);
    taken += length;
    chunks.add(source, offset, length);
  }

  @Override
  public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
    requireOpen();
    Chunks content = chunks.build();
    AtomicReference<BlobManifest> stored = new AtomicReference<>();
    Optional<MemoryVersion> replaced =
        bucket.replace(
            key.key(),
            present -> {
              BlobManifest wanted = decide.apply(present.map(MemoryVersion::manifest));
              stored.set(asStored(wanted, content.length()));
              return new MemoryVersion(stored.get(), content);
            });
    state = State.COMMITTED;
    replaced.ifPresent(version -> store.giveBack(version.content().length()));
    return stored.get();
  }

  private BlobManifest asStored(BlobManifest wanted, long length) {
    if (!wanted.bucket().equals(key.bucket()) || !wanted.key().equals(key.key())) {
      throw new IllegalArgumentException(
          "the manifest of " + wanted.blobKey() + " was decided for " + key);
    }
    return wanted.withStoredSize(length).withPlacement(0, List.of());
  }

  @Override
  public void close() {
    if (state == State.OPEN) {
      store.giveBack(taken);
    }
    state = State.CLOSED;
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException("the writer of " + key + " is " + state);
    }
  }
}
