/**
 * What would be if: the load that a node sends is recorded in a bounded sample, and replayed
 * through other settings or other nodes in a simulation that touches nothing.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.whatif;

import org.jspecify.annotations.NullMarked;
