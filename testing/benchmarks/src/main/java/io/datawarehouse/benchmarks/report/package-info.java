/**
 * Rounds, medians and ratios.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.report;

import org.jspecify.annotations.NullMarked;
