/**
 * Blobs, buckets and the typed messages of the {@code storage.*} topics.
 *
 * <p>Stability: public API, checked for compatibility from release to release.
 *
 * @since 0.1
 */
@NullMarked
package io.datawarehouse.sdk.blob;

import org.jspecify.annotations.NullMarked;
