package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.kernel.keys.DataKey;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.WrappedKey;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.transform.StageOptions;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What all frames of one content have in common: what binds them to their place, and the key.
 * Closing wipes the key.
 */
final class ContentSecret implements AutoCloseable {

  private final byte[] binding;
  private final int frameBytes;
  private final @Nullable DataKey key;

  ContentSecret(
      BlobKey blob, Bytes contentId, int frameBytes, List<String> pipeline, @Nullable DataKey key) {
    this.binding = FrameLayout.binding(blob, contentId, frameBytes, pipeline);
    this.frameBytes = frameBytes;
    this.key = key;
  }

  byte[] binding() {
    return binding;
  }

  int frameBytes() {
    return frameBytes;
  }

  Optional<WrappedKey> wrappedKey() {
    return Optional.ofNullable(key).map(DataKey::wrapped);
  }

  /** Returns the options of the stage that encrypts. */
  StageOptions options(Pipeline.Stage encryption) {
    DataKey present = key;
    if (present == null) {
      throw new IllegalStateException("an encryption has a key");
    }
    return StageOptions.of(encryption.variant(), frameBytes).withKey(present.material());
  }

  @Override
  public void close() {
    if (key != null) {
      key.close();
    }
  }
}
