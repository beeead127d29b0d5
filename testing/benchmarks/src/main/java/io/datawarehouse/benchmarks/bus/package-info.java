/**
 * The bus against the Vert.x event bus, in one process.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.bus;

import org.jspecify.annotations.NullMarked;
