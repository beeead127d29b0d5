/**
 * Who may belong to the cluster: join tokens, the cluster's authority, certificates of nodes, and
 * what was refused.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.trust;

import org.jspecify.annotations.NullMarked;
