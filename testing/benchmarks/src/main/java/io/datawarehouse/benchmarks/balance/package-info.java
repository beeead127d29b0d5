/**
 * How long it takes to choose a node.
 *
 * <p>Stability: for measuring only.
 */
@NullMarked
package io.datawarehouse.benchmarks.balance;

import org.jspecify.annotations.NullMarked;
