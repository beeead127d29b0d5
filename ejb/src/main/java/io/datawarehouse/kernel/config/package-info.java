/**
 * Configuration: one way to read a setting, and one way to say what is wrong with it.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.config;

import org.jspecify.annotations.NullMarked;
