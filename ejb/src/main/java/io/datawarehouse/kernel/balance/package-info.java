/**
 * Choosing the node that handles a message: the strategies that need no plugin, the settings in
 * force and who set them, and what is known of each node.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.balance;

import org.jspecify.annotations.NullMarked;
