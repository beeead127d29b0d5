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
 * @param form in which form
 * @param offset the first byte in that form, 0 or more
 * @param length how many bytes, 0 or more; {@link #TO_THE_END} for all that follow
 * @param stall how long nothing may come before reading counts as failed, more than zero
 * @since 0.1
 */
public record ReadRequest(
    BlobKey key,
    Optional<String> etag,
    ContentForm form,
    long offset,
    long length,
    Duration stall) {

  /** The length that stands for all that follow. */
  public static final long TO_THE_END = -1;

  private static final Duration DEFAULT_STALL = Duration.ofSeconds(30);

  /** Checks; the error names the field. */
  public ReadRequest {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(etag, "etag");
    Objects.requireNonNull(form, "form");
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

  /** Makes a request for the whole content of the version that stands, plain. */
  public static ReadRequest whole(BlobKey key) {
    return new ReadRequest(key, Optional.empty(), ContentForm.PLAIN, 0, TO_THE_END, DEFAULT_STALL);
  }

  /** Makes a request for a part of the version that stands, plain. */
  public static ReadRequest part(BlobKey key, long offset, long length) {
    return new ReadRequest(key, Optional.empty(), ContentForm.PLAIN, offset, length, DEFAULT_STALL);
  }

  /** Returns this request for that version and no other. */
  public ReadRequest ofVersion(String newEtag) {
    return new ReadRequest(key, Optional.of(newEtag), form, offset, length, stall);
  }

  /** Returns this request for the whole content in another form. */
  public ReadRequest inForm(ContentForm newForm) {
    return new ReadRequest(key, etag, newForm, 0, TO_THE_END, stall);
  }
}
