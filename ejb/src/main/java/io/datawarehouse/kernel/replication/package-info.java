/**
 * Keeping copies; for now none.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.replication;

import org.jspecify.annotations.NullMarked;
