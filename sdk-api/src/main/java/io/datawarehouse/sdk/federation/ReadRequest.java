package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What to read from another kernel. Immutable.
 *
 * @param key the blob
 * @param etag the version that is wanted; empty for the one that stands there
 * @param offset the first byte, 0 or more
 * @param length how many bytes, 0 or more; {@link #TO_THE_END} for all that follow
 * @param stall how long nothing may come before reading counts as failed, more than zero
 * @since 0.1
 */
public record ReadRequest(
    BlobKey key, Optional<String> etag, long offset, long length, Duration stall) {

  /** The length that stands for all that follow. */
  public static final long TO_THE_END = -1;

  private static final Duration DEFAULT_STALL = Duration.ofSeconds(30);

  /** Checks; the error names the field. */
  public ReadRequest {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(etag, "etag");
    if (offset < 0) {
      throw WarehouseException.invalid("offset", offset, "must not be negative");
    }
    if (length < TO_THE_END) {
      throw WarehouseException.invalid("length", length, "must not be negative");
    }
    if (stall.isZero() || stall.isNegative()) {
      throw WarehouseException.invalid("stall", stall, "must be more than zero");
    }
  }

  /** Makes a request for the whole content of the version that stands. */
  public static ReadRequest whole(BlobKey key) {
    return new ReadRequest(key, Optional.empty(), 0, TO_THE_END, DEFAULT_STALL);
  }

  /** Makes a request for a part of the version that stands. */
  public static ReadRequest part(BlobKey key, long offset, long length) {
    return new ReadRequest(key, Optional.empty(), offset, length, DEFAULT_STALL);
  }

  /** Returns this request for that version and no other. */
  public ReadRequest ofVersion(String newEtag) {
    return new ReadRequest(key, Optional.of(newEtag), offset, length, stall);
  }
}
