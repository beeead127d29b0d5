/**
 * Small durable files: a map for the state of kernel and plugins.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.storage;

import org.jspecify.annotations.NullMarked;
