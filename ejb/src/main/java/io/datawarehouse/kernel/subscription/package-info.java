/**
 * Who in the cluster handles which topic and hears which events: one record a node, written by that
 * node alone, compared with what the others believe, and said again where they are wrong.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.subscription;

import org.jspecify.annotations.NullMarked;
