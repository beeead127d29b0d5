/**
 * Who owns which segment of the keys: the table that the cluster agreed on, the snapshot that
 * routes are found in, and the gate that keeps a node from answering for what it does not own.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.placement;

import org.jspecify.annotations.NullMarked;
