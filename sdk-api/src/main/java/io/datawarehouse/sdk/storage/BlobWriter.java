package io.datawarehouse.sdk.storage;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.util.Optional;
import java.util.function.Function;

/**
 * A version of a blob on its way into the store. Confined to one thread at a time. The kernel calls
 * {@link #write} any number of times, then at most once {@link #commit}, and always {@link #close}.
 */
public interface BlobWriter extends AutoCloseable {

  /** Takes more content; the array is the caller's again when this returns. */
  void write(byte[] source, int offset, int length);

  /**
   * Makes the version durable and visible, at one stroke.
   *
   * @param decide called exactly once with the present version, no other change of this key between
   *     that and the commit; returns the manifest to store, whose {@code storedSize} the provider
   *     fills in. An exception that it throws stops the commit and is thrown on: nothing is stored
   * @return the manifest as it was stored
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NO_SUCH_BUCKET} if the bucket has
   *     been deleted meanwhile
   */
  BlobManifest commit(Function<Optional<BlobManifest>, BlobManifest> decide);

  /** Drops what was not committed. Does nothing the second time. */
  @Override
  void close();
}
