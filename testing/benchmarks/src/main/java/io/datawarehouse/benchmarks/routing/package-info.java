/**
 * What it costs to find the node of a message and to keep account of it.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.routing;

import org.jspecify.annotations.NullMarked;
