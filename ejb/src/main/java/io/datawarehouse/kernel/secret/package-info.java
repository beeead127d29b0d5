/**
 * Secrets: where they are looked for, in which order, and who sees which.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.secret;

import org.jspecify.annotations.NullMarked;
