/**
 * The application that the node is compared with: it does nothing but HTTP.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
