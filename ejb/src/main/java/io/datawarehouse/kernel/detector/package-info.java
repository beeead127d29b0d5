/**
 * How healthy nodes are, judged from what is heard of them, and how busy this node is.
 *
 * <p>Lock order: the lock of {@link io.datawarehouse.kernel.detector.ClusterHealthMonitor} alone;
 * listeners are told without it.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.detector;

import org.jspecify.annotations.NullMarked;
