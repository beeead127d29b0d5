/**
 * Messages that belong together: which provider says so for which topic, the keys that stay with a
 * node, and what is said and counted of both.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.affinity;

import org.jspecify.annotations.NullMarked;
