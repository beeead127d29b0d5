/**
 * The cluster as a kernel shows it to plugins; for now a cluster of one.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.cluster;

import org.jspecify.annotations.NullMarked;
