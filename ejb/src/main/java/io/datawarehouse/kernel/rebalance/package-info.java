/**
 * Plans that move keys with their blobs from one node to another while reads and writes go on. The
 * leader drives a plan; each node copies what leaves it and takes what comes; ownership changes at
 * one stroke, when one entry among those that the cluster agreed on is replaced.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.rebalance;

import org.jspecify.annotations.NullMarked;
