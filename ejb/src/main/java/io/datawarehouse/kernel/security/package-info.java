/**
 * Tokens and roles.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.security;

import org.jspecify.annotations.NullMarked;
