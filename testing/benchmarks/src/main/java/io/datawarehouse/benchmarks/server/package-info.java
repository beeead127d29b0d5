/**
 * Servers that a benchmark starts and stops.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.server;

import org.jspecify.annotations.NullMarked;
