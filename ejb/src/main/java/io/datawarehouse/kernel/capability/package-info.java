/**
 * What the running plugins provide, for the kernel to look up.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.capability;

import org.jspecify.annotations.NullMarked;
