/**
 * The composition root: puts the kernel together, starts it and stops it, in a plain JVM.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.boot;

import org.jspecify.annotations.NullMarked;
