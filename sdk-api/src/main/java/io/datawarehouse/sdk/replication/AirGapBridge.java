package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import java.nio.file.Path;

/**
 * Replication by a medium that somebody carries, for sites that no network reaches. Thread-safe.
 * Calls block while they read and write; they run on a worker thread and stop when it is
 * interrupted, with {@code UNAVAILABLE} and the interrupt restored.
 *
 * <p>All calls fail with {@code STORAGE_FAILED} or {@code DISK_FULL} where a file cannot be read or
 * written, and with {@code DIGEST_MISMATCH} where a bundle is not whole, was tampered with, or is
 * not signed by somebody who may: then nothing of it was applied.
 *
 * <p>An implementation MUST: (1) sign a bundle as a whole and check all of it before it applies
 * anything; (2) take bundles in any order, again, and in part after an abort, with the same state
 * in the end; (3) leave no path, link or size in a bundle unchecked; (4) let concurrent versions
 * stand beside each other for the bucket's resolver; (5) carry deletions, which outlive the longest
 * absence that the installation allows for.
 *
 * @since 0.1
 */
public interface AirGapBridge {

  /** The capability: {@code dw.replication.air-gap.provider} names the one that runs. */
  CapabilityKey<AirGapBridge> CAPABILITY =
      CapabilityKey.of("replication.air-gap", AirGapBridge.class, Cardinality.SELECTED);

  /**
   * Writes a bundle.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code PRECONDITION_FAILED} if the
   *     directory holds something already
   */
  BundleReceipt export(BundleRequest request);

  /**
   * Checks a bundle and tells what applying it would do. Changes nothing.
   *
   * @param mostEntries how many of the changes that need attention to list, 0 or more
   */
  BundlePreview preview(Path bundle, int mostEntries);

  /** Applies a bundle; what was applied before is skipped. Returns how far this site is now. */
  BundleReceipt apply(Path bundle);

  /**
   * Takes a receipt that came back from the site, so that the next bundle begins after it. One that
   * is older than what is known changes nothing.
   */
  void acknowledge(BundleReceipt receipt);
}
