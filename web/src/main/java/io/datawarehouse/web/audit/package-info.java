/**
 * Records what clients change, and what they are refused.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.web.audit;

import org.jspecify.annotations.NullMarked;
