/**
 * JSON bodies in and out.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.web.json;

import org.jspecify.annotations.NullMarked;
