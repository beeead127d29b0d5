/**
 * Whether the node lives, serves and has started, with the causes in words.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.health;

import org.jspecify.annotations.NullMarked;
