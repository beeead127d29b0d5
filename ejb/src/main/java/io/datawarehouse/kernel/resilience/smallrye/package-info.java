/**
 * Circuit breakers and bulkheads towards other nodes, on SmallRye Fault Tolerance, the
 * implementation of MicroProfile Fault Tolerance, in its programmatic form.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.resilience.smallrye;

import org.jspecify.annotations.NullMarked;
