/**
 * The keys that content is encrypted with. The blob path knows {@link
 * io.datawarehouse.kernel.keys.DataKeys} alone: which keys wrap a data key, and where they are
 * kept, is decided behind it.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.keys;

import org.jspecify.annotations.NullMarked;
