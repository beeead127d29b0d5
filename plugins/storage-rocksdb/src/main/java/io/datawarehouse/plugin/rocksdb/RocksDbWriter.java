package io.datawarehouse.plugin.rocksdb;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.storage.BlobWriter;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stages content in memory as long as it is small, then in a file. Confined to one thread at a
 * time.
 */
final class RocksDbWriter implements BlobWriter {

  private static final int FIRST_BYTES = 4096;
  private static final byte[] NO_BYTES = {};

  private enum State {
    OPEN,
    COMMITTING,
    CLOSED
  }

  private final RocksDbStore store;
  private final BucketState bucket;
  private final BlobKey key;
  private byte[] small;
  private int smallLength;
  private @Nullable StagedFile file;
  private State state = State.OPEN;

  RocksDbWriter(RocksDbStore store, BucketState bucket, BlobKey key, OptionalLong expectedSize) {
    this.store = store;
    this.bucket = bucket;
    this.key = key;
    int most = store.options().inlineBytes();
    long expected = expectedSize.orElse(FIRST_BYTES);
    this.small = expected > most ? NO_BYTES : new byte[(int) expected];
    if (expected > most) {
      file = new StagedFile(store, expected);
    }
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    requireState(State.OPEN);
    StagedFile present = file;
    if (present == null && smallLength + (long) length > store.options().inlineBytes()) {
      present = spill();
    }
    if (present != null) {
      present.write(source, offset, length);
    } else {
      keep(source, offset, length);
    }
  }

  private StagedFile spill() {
    StagedFile staged = new StagedFile(store, smallLength);
    file = staged;
    staged.write(small, 0, smallLength);
    small = NO_BYTES;
    smallLength = 0;
    return staged;
  }

  private void keep(byte[] source, int offset, int length) {
    int needed = smallLength + length;
    if (needed > small.length) {
      int most = store.options().inlineBytes();
      small = Arrays.copyOf(small, Math.max(needed, Math.min(most, small.length * 2)));
    }
    System.arraycopy(source, offset, small, smallLength, length);
    smallLength = needed;
  }

  @Override
  public BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide) {
    requireState(State.OPEN);
    state = State.COMMITTING;
    StagedFile staged = file;
    if (staged != null) {
      staged.finish();
      return store.commit(bucket, key, staged, decide);
    }
    return store.commit(bucket, key, new StagedInline(), decide);
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      store.handleClosed();
    }
  }

  private void requireState(State wanted) {
    if (state != wanted) {
      throw new IllegalStateException("the writer of " + key + " is " + state);
    }
  }

  private final class StagedInline implements StagedContent {

    private final ContentPlace.Inline place =
        new ContentPlace.Inline(store.unreferenced().nextInlineId(), smallLength);

    @Override
    public ContentPlace place() {
      return place;
    }

    @Override
    public void putContent(Batch batch) {
      if (smallLength > 0) {
        batch.put(
            Family.INLINE,
            Keys.content(place.id()),
            InlineContent.encode(place.id(), small, smallLength));
      }
    }

    @Override
    public void mayBeReferenced() {
      // Nothing of it is anywhere but in the batch.
    }
  }
}
