/**
 * What could not be delivered, kept durably until somebody decides.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.deadletter;

import org.jspecify.annotations.NullMarked;
