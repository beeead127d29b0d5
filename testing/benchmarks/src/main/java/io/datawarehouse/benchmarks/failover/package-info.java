/**
 * What clients see when a node of a cluster is killed or stands still.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.failover;

import org.jspecify.annotations.NullMarked;
