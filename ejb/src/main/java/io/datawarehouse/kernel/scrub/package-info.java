/**
 * Reads all that is stored, slowly and again and again, to find damage before somebody needs what
 * is damaged.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.scrub;

import org.jspecify.annotations.NullMarked;
