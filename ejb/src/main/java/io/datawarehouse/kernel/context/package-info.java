/**
 * What the kernel hands to each plugin, and takes back when the plugin stops.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.context;

import org.jspecify.annotations.NullMarked;
