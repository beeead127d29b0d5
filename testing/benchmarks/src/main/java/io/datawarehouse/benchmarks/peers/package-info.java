/**
 * Request and reply between two processes.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
