/**
 * How the keys of a bucket are divided into shards and laid on segments: the strategies, the map of
 * each bucket that the cluster agreed on, and the snapshot in which owners of keys are found.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.sharding;

import org.jspecify.annotations.NullMarked;
