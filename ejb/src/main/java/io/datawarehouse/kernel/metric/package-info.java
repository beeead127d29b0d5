/**
 * Instruments over Micrometer, and their text for Prometheus.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.metric;

import org.jspecify.annotations.NullMarked;
