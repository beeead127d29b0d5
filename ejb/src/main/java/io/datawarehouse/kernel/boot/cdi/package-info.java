/**
 * Starts the kernel inside a container, and hands it to other beans.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.boot.cdi;

import org.jspecify.annotations.NullMarked;
