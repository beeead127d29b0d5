/**
 * What every JGroups channel of a node has below: sockets that only nodes with the join token can
 * open, discovery of peers, and detection of those that fail.
 *
 * <p>Stability: internal to the product.
 */
@NullMarked
package io.datawarehouse.kernel.jgroups;

import org.jspecify.annotations.NullMarked;
