/**
 * Circuit breakers and bulkheads inside of one process.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.resilience;

import org.jspecify.annotations.NullMarked;
