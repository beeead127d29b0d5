package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.blob.BlobManifest;
import java.util.Optional;

/** A change of the store on its way to the books. Confined to one thread, the one that began it. */
public interface StockChange extends AutoCloseable {

  /** Notes what the commit did; it counts when the change is closed. */
  void book(Optional<BlobManifest> before, Optional<BlobManifest> after);

  /** Notes that nobody knows whether the store kept the change: all is counted anew. */
  void unknown();

  /** Ends the change. */
  @Override
  void close();
}
