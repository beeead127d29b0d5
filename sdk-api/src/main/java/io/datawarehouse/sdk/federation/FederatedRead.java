package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.io.InputStream;

/**
 * A part of one version of a blob, coming from another kernel. Confined to one thread at a time.
 * Bytes arrive as they are read: the stream holds the sender back when its reader is slow, and
 * holds a bounded number of bytes only.
 *
 * @since 0.1
 */
public interface FederatedRead extends AutoCloseable {

  /** Returns the manifest of the version that the bytes belong to. */
  BlobManifest manifest();

  /** Returns the form in which the bytes come. */
  ContentForm form();

  /** Returns the first byte's place in the content in that form. */
  long offset();

  /** Returns how many bytes come, 0 or more. */
  long length();

  /**
   * Returns the bytes; always the same stream. It blocks until some are there; it throws {@code
   * BLOB_CORRUPT} where the sender's copy is damaged, {@code UNAVAILABLE} where the connection
   * broke, {@code TIMEOUT} where nothing came for too long. It never ends early without an error.
   */
  InputStream stream();

  /** Ends the reading, at the end or before. Does nothing the second time; never throws. */
  @Override
  void close();
}
