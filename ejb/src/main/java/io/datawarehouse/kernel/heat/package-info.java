/**
 * How warm each segment is: its traffic in constant memory, what it holds, whether it is hot, and
 * the copies that others may serve of it while it is.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.heat;

import org.jspecify.annotations.NullMarked;
