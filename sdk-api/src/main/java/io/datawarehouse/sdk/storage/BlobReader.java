package io.datawarehouse.sdk.storage;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.io.InputStream;

/** One version of a blob, open for reading. Confined to one thread at a time. */
public interface BlobReader extends AutoCloseable {

  /** Returns the version's manifest. */
  BlobManifest manifest();

  /**
   * Returns the stream of a part of what was written; the caller reads it before it closes the
   * reader. Called again for another part: the stream before is not used any more then, and need
   * not have been read to its end or closed. Only the frames that hold the part are read. Where
   * content does not have its checksum, {@code BLOB_CORRUPT} is thrown, by this call if that shows
   * at once, else by the stream.
   *
   * @param offset the first byte, 0 to the number of bytes that were written
   * @param length how many bytes, at most what follows
   */
  InputStream open(long offset, long length);

  /** Gives back what reading needed. Does nothing the second time. */
  @Override
  void close();
}
