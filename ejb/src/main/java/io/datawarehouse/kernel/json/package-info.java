/**
 * The one JSON mapping of the product.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.json;

import org.jspecify.annotations.NullMarked;
