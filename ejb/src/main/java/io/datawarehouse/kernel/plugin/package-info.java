/**
 * Plugins: from discovery and handshake to start, stop and status.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.plugin;

import org.jspecify.annotations.NullMarked;
