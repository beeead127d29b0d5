/**
 * The beans through which MicroProfile Health asks after the node.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.health.cdi;

import org.jspecify.annotations.NullMarked;
