/**
 * The way in: what every request passes before anything else sees it, and after.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.web.gate;

import org.jspecify.annotations.NullMarked;
