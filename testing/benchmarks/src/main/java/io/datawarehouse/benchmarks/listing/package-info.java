/**
 * Pages of listings out of many keys against the same out of few.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.listing;

import org.jspecify.annotations.NullMarked;
