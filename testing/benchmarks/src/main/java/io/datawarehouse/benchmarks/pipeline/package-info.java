/**
 * Pipelines of content against the libraries that they use.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.pipeline;

import org.jspecify.annotations.NullMarked;
