/**
 * The blob service: everything between the {@code storage.*} topics and a storage provider. It
 * judges conditions and ranges, streams and digests content, keeps quotas and causal contexts, and
 * tells what happened. A provider only keeps frames and commits them.
 *
 * <p>The write path reads {@link io.datawarehouse.kernel.blob.BlobService} → {@code BlobWrites} →
 * {@code ContentIntake} → provider; the read path {@code BlobService} → {@code BlobReads} →
 * provider → {@code ReaderStream}.
 *
 * <p>Locks: {@code QuotaLedger} alone has one; nothing is called under it.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.blob;

import org.jspecify.annotations.NullMarked;
