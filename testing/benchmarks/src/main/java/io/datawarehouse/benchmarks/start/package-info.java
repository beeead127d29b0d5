/**
 * The time a node takes to be ready.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.start;

import org.jspecify.annotations.NullMarked;
