/**
 * Who did what: a bounded log of each node that survives crashes and is shown to administrators.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.audit;

import org.jspecify.annotations.NullMarked;
