/**
 * One message bus over many nodes: where a message goes, what happens when a node breaks off, and
 * events that must not be lost.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.federation;

import org.jspecify.annotations.NullMarked;
