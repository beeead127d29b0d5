/**
 * Choosing the node that handles a message; for now the one node there is.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.balance;

import org.jspecify.annotations.NullMarked;
