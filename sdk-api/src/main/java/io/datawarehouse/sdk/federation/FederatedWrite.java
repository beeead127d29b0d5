package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.util.concurrent.CompletionStage;

/**
 * A copy of one version of a blob on its way to another kernel. Confined to one thread at a time.
 * The caller writes the content from its first byte to its last, then commits once, and always
 * closes.
 *
 * @since 0.1
 */
public interface FederatedWrite extends AutoCloseable {

  /** Returns the manifest of the version that is copied. */
  BlobManifest manifest();

  /** Returns the form in which the bytes go. */
  ContentForm form();

  /**
   * Sends more content; the array is the caller's again when this returns. Blocks while the
   * receiver has enough.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code UNAVAILABLE} where the connection
   *     broke, {@code TIMEOUT} where the receiver took nothing for too long, {@code DISK_FULL} or
   *     {@code STORAGE_FAILED} where it cannot keep it
   * @throws IndexOutOfBoundsException if that part of the array does not exist
   */
  void write(byte[] source, int offset, int length);

  /**
   * Says that all content was sent and completes when the receiver has it durably, or need not have
   * it. The receiver compares the size in the form that was sent and, for plain content, the digest
   * with the manifest; stored content carries its own. A difference fails the stage with {@code
   * DIGEST_MISMATCH} or {@code CONTENT_LENGTH_MISMATCH} and leaves nothing there.
   */
  CompletionStage<CopyOutcome> commit();

  /** Drops what was not committed. Does nothing the second time; never throws. */
  @Override
  void close();
}
