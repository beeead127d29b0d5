/**
 * What counting the requests of segments costs.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.heat;

import org.jspecify.annotations.NullMarked;
