package io.datawarehouse.sdk.blob;

import io.datawarehouse.sdk.message.Bytes;
import java.util.Objects;
import java.util.Optional;

/**
 * How content lies in the store that went through a pipeline: what it takes to read it again beside
 * the manifest's {@code pipeline}. Immutable. A storage provider keeps it with the manifest and
 * need not understand it; nobody outside of the warehouse is shown it.
 *
 * @param frameBytes how many bytes of content a frame holds, but for the last
 * @param length how many bytes were given to the store, all frames and their index
 * @param contentId the version's own random name, 16 bytes
 * @param key the key that it is encrypted with, wrapped; empty where it is not encrypted
 */
public record ContentEncoding(
    int frameBytes, long length, Bytes contentId, Optional<WrappedKey> key) {

  /** How many bytes the name of a content has. */
  public static final int CONTENT_ID_BYTES = 16;

  /** Checks the numbers. */
  public ContentEncoding {
    if (frameBytes < 1 || length < 1) {
      throw new IllegalArgumentException(
          "frames of " + frameBytes + " bytes, " + length + " in all, cannot be");
    }
    if (contentId.size() != CONTENT_ID_BYTES) {
      throw new IllegalArgumentException("a content is named by 16 bytes");
    }
    Objects.requireNonNull(key, "key");
  }
}
